import LinuxSystem

/// The program that installs packages in an image, where the image has one.
enum PackageTool: Sendable, Hashable {
    case apt, apk, dnf, zypper, pacman

    private static let places: [(String, PackageTool)] = [
        ("/usr/bin/apt-get", .apt), ("/sbin/apk", .apk), ("/usr/bin/apk", .apk), ("/usr/bin/dnf", .dnf),
        ("/usr/bin/microdnf", .dnf), ("/usr/bin/yum", .dnf), ("/usr/bin/zypper", .zypper), ("/usr/bin/pacman", .pacman),
    ]

    init?(in root: ImageRoot) {
        // A root that can't be read gets the general advice.
        guard let found = Self.places.first(where: { (try? root.find(PathBytes($0.0))) != nil }) else { return nil }
        self = found.1
    }

    /// A line that installs packages by their names.
    func install(_ packages: [String]) -> String {
        let names = packages.joined(separator: " ")
        return switch self {
        case .apt:
            "RUN apt-get update && apt-get install -y --no-install-recommends \(names) && rm -rf /var/lib/apt/lists/*"
        case .apk: "RUN apk add --no-cache \(names)"
        case .dnf: "RUN dnf install -y \(names) && dnf clean all"
        case .zypper: "RUN zypper install -y \(names)"
        case .pacman: "RUN pacman -Sy --noconfirm \(names)"
        }
    }

    /// A line that installs whatever brings a library; nil where the package's name would be a guess.
    func install(library name: String, is64Bit: Bool) -> String? {
        switch self {
        case .apt: LibraryPackages.debian(name).map { install([$0]) }
        case .apk: install(["so:\(name)"])
        case .dnf, .zypper: install(["'\(name)()\(is64Bit ? "(64bit)" : "")'"])
        case .pacman: nil
        }
    }

    /// The package of an interpreter.
    func package(ofInterpreter name: String) -> String {
        switch (self, name) {
        case (.apt, "node"), (.apk, "node"), (.dnf, "node"): "nodejs"
        case (.apt, "php"): "php-cli"
        case (.apt, "java"): "default-jre-headless"
        case (.apk, "java"): "openjdk21-jre-headless"
        case (.dnf, "java"): "java-21-openjdk-headless"
        case (.apt, "sh"): "dash"
        case (.apk, "sh"): "busybox"
        default: name
        }
    }
}
