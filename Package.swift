// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The modules of socle as data. A module may use modules of lower layers, and of its own layer where its row says so;
// a row that points upward stops the build. docs/architecture.md has the picture and what each module is for.

/// The layers, lowest first. A layer's name is its folder below `Sources/`.
enum Layer: Int, CaseIterable {
    case c, system, formats, stores, planners, services, engine, faces, programs, testing

    var folder: String { self == .c ? "Sources/c" : "Sources/\(self)" }
}

/// One target: where it stands, what it may import, and what it links.
struct Module {
    enum Kind { case swift, c, systemLibrary(apt: String), program }

    var layer: Layer
    var name: String
    var kind: Kind = .swift
    var uses: [String] = []
    var packages: [Package] = []
    /// Whether `Tests/<name>Tests` exists.
    var tested = true
    /// What only the tests use.
    var testUses: [String] = []

    /// A product of another package, and the package's place and version.
    struct Package {
        var product: String
        var name: String
        var version: Version

        static let crypto = Package(product: "Crypto", name: "swift-crypto", version: "4.5.2")
        static let system = Package(product: "SystemPackage", name: "swift-system", version: "1.8.1")
        static let nioCore = Package(product: "NIOCore", name: "swift-nio", version: "2.101.2")
        static let nioHTTP = Package(product: "NIOHTTP1", name: "swift-nio", version: "2.101.2")
        static let nioPosix = Package(product: "NIOPosix", name: "swift-nio", version: "2.101.2")
        static let nioSSL = Package(product: "NIOSSL", name: "swift-nio-ssl", version: "2.37.6")
    }
}

let modules: [Module] = [
    // c: what Swift can't say
    Module(layer: .c, name: "CLinuxShims", kind: .c, tested: false),
    Module(layer: .c, name: "CLaunchShim", kind: .c, tested: false),
    Module(layer: .c, name: "CZlib", kind: .systemLibrary(apt: "zlib1g-dev"), tested: false),
    Module(layer: .c, name: "CZstd", kind: .systemLibrary(apt: "libzstd-dev"), tested: false),
    Module(layer: .c, name: "CLZMA", kind: .systemLibrary(apt: "liblzma-dev"), tested: false),
    Module(layer: .c, name: "CDeflate", kind: .systemLibrary(apt: "libdeflate-dev"), tested: false),
    Module(layer: .c, name: "CBzip2", kind: .systemLibrary(apt: "libbz2-dev"), tested: false),
    Module(layer: .c, name: "CSQLite", kind: .systemLibrary(apt: "libsqlite3-dev"), tested: false),
    Module(layer: .c, name: "CSeccomp", kind: .c, tested: false),
    Module(layer: .c, name: "CCurl", kind: .c, tested: false),
    Module(layer: .c, name: "CIgzip", kind: .c, tested: false),
    Module(layer: .c, name: "CNftables", kind: .c, tested: false),
    Module(layer: .c, name: "CCrypt", kind: .c, tested: false),

    // system: the kernel, bytes, and what is said to the user
    Module(layer: .system, name: "Reporting"),
    Module(layer: .system, name: "LinuxSystem", uses: ["CLinuxShims", "Reporting"], packages: [.system]),
    Module(layer: .system, name: "ByteStreams", uses: ["LinuxSystem", "Reporting"], packages: [.crypto, .system]),
    Module(
        layer: .system,
        name: "CompressionCodecs",
        uses: ["ByteStreams", "Reporting", "CZlib", "CIgzip", "CDeflate", "CZstd", "CLZMA", "CBzip2"],
        testUses: ["LinuxSystem"]
    ),

    // formats: pure values and parsers
    Module(layer: .formats, name: "OCISpec", uses: ["ByteStreams", "Reporting"]),
    Module(layer: .formats, name: "TarFormat", uses: ["ByteStreams", "Reporting"]),
    Module(layer: .formats, name: "ELFFormat", uses: ["Reporting"]),
    Module(layer: .formats, name: "DockerfileSyntax", uses: ["Reporting"]),
    Module(layer: .formats, name: "BuildDefinition", uses: ["OCISpec", "ByteStreams", "Reporting"]),

    // stores & doors: the disk, the kernel's containers, the network
    Module(
        layer: .stores,
        name: "MetadataStorage",
        uses: ["LinuxSystem", "OCISpec", "Reporting", "CSQLite"],
        packages: [.system]
    ),
    Module(
        layer: .stores,
        name: "ContentStorage",
        uses: ["ByteStreams", "LinuxSystem", "OCISpec", "MetadataStorage", "Reporting"],
        packages: [.system]
    ),
    Module(
        layer: .stores,
        name: "SnapshotStorage",
        uses: ["LinuxSystem", "OCISpec", "MetadataStorage", "Reporting"],
        packages: [.system]
    ),
    Module(
        layer: .stores,
        name: "LayerTransfer",
        uses: ["TarFormat", "ByteStreams", "LinuxSystem", "OCISpec", "Reporting"],
        packages: [.system]
    ),
    Module(
        layer: .stores,
        name: "RegistryAccess",
        uses: ["OCISpec", "ByteStreams", "LinuxSystem", "Reporting"],
        packages: [.system]
    ),
    Module(
        layer: .stores,
        name: "ImageTrust",
        uses: ["OCISpec", "ByteStreams", "LinuxSystem", "Reporting"],
        packages: [.crypto, .system]
    ),
    Module(
        layer: .stores,
        name: "ContainerRuntime",
        uses: ["LinuxSystem", "OCISpec", "Reporting", "CSeccomp", "CLinuxShims", "CLaunchShim"],
        packages: [.system]
    ),
    Module(
        layer: .stores,
        name: "EventStorage",
        uses: ["LinuxSystem", "OCISpec", "Reporting"],
        packages: [.system]
    ),
    Module(
        layer: .stores,
        name: "ContainerMonitor",
        uses: [
            "LinuxSystem", "EventStorage", "ContainerNetworking", "ContainerRuntime", "OCISpec", "ByteStreams", "CompressionCodecs",
            "Reporting", "CLinuxShims",
        ],
        packages: [.system]
    ),
    Module(
        layer: .stores,
        name: "ContainerNetworking",
        uses: ["OCISpec", "LinuxSystem", "Reporting", "CLinuxShims", "CNftables"],
        packages: [.system]
    ),

    // planners: pure decisions
    Module(
        layer: .planners,
        name: "DockerfileFrontend",
        uses: ["DockerfileSyntax", "BuildDefinition", "OCISpec", "ByteStreams", "Reporting"]
    ),
    Module(
        layer: .planners,
        name: "BuildSolver",
        uses: ["BuildDefinition", "ByteStreams", "Reporting"],
        testUses: ["OCISpec", "LinuxSystem"]
    ),

    // services: one noun of Docker's each
    Module(
        layer: .services,
        name: "ImageManagement",
        uses: [
            "ContentStorage", "SnapshotStorage", "LayerTransfer", "MetadataStorage", "RegistryAccess", "ImageTrust",
            "TarFormat",
            "CompressionCodecs", "DockerfileSyntax", "OCISpec", "ByteStreams", "LinuxSystem", "Reporting",
        ],
        packages: [.system]
    ),
    Module(
        layer: .services,
        name: "BuildOperations",
        uses: [
            "ImageManagement", "ContainerManagement", "BaseImageTools", "ContentStorage", "SnapshotStorage",
            "LayerTransfer", "MetadataStorage", "ContainerNetworking", "ContainerRuntime", "RegistryAccess",
            "BuildSolver", "BuildDefinition", "DockerfileFrontend", "DockerfileSyntax", "TarFormat",
            "CompressionCodecs", "OCISpec", "ByteStreams", "LinuxSystem", "Reporting",
        ],
        packages: [.system]
    ),
    Module(
        layer: .services,
        name: "ContainerManagement",
        uses: [
            "ContainerRuntime", "ContainerMonitor", "ContainerNetworking", "SnapshotStorage", "ContentStorage",
            "LayerTransfer", "EventStorage", "MetadataStorage", "DockerfileSyntax", "CompressionCodecs", "OCISpec",
            "ByteStreams", "LinuxSystem",
            "Reporting",
        ],
        packages: [.system]
    ),
    Module(
        layer: .services,
        name: "BundleRuntime",
        uses: ["ContainerRuntime", "ContainerMonitor", "OCISpec", "ByteStreams", "LinuxSystem", "Reporting"],
        packages: [.system]
    ),
    Module(
        layer: .services,
        name: "BaseImageTools",
        uses: [
            "ImageManagement", "ContainerRuntime", "ContentStorage", "SnapshotStorage", "ELFFormat", "TarFormat",
            "OCISpec", "ByteStreams", "LinuxSystem", "Reporting",
        ],
        packages: [.system]
    ),
    Module(
        layer: .services,
        name: "RegistryService",
        uses: [
            "ImageManagement", "ContentStorage", "MetadataStorage", "OCISpec", "ByteStreams", "LinuxSystem",
            "Reporting", "CCrypt",
        ],
        packages: [.crypto, .system],
        testUses: ["SnapshotStorage", "ImageTrust"]
    ),

    // engine: one method a verb
    Module(
        layer: .engine,
        name: "SocleEngine",
        uses: [
            "ImageManagement", "BuildOperations", "ContainerManagement", "BaseImageTools", "RegistryService",
            "ContentStorage", "SnapshotStorage", "LayerTransfer", "MetadataStorage", "RegistryAccess", "ImageTrust",
            "ContainerRuntime",
            "EventStorage", "ContainerMonitor", "BuildSolver",
            "BuildDefinition", "DockerfileFrontend", "DockerfileSyntax", "TarFormat", "CompressionCodecs", "OCISpec",
            "ByteStreams", "LinuxSystem", "Reporting",
        ],
        packages: [.system],
        tested: false
    ),

    // faces: what people and programs talk to
    Module(
        layer: .faces,
        name: "SocleCommands",
        uses: [
            "SocleEngine", "ImageManagement", "BuildOperations", "ContainerManagement", "BaseImageTools",
            "BundleRuntime",
            "EventStorage", "ContainerNetworking", "ContainerRuntime", "ContainerMonitor", "RegistryAccess",
            "RegistryServer", "RegistryService", "ImageTrust",
            "DockerfileFrontend", "DockerfileSyntax", "CompressionCodecs", "OCISpec", "ByteStreams", "LinuxSystem",
            "Reporting",
        ],
        packages: [.system]
    ),
    Module(
        layer: .faces,
        name: "HTTPTransportCurl",
        uses: ["RegistryAccess", "ByteStreams", "OCISpec", "Reporting", "CCurl"],
        tested: false
    ),
    Module(
        layer: .faces,
        name: "RegistryServer",
        uses: ["RegistryService", "ByteStreams", "LinuxSystem", "Reporting"],
        packages: [.nioCore, .nioHTTP, .nioPosix, .nioSSL, .system],
        tested: false
    ),

    // programs
    Module(
        layer: .programs,
        name: "socle",
        kind: .program,
        uses: ["SocleCommands", "HTTPTransportCurl", "SocleEngine", "ContainerMonitor"],
        tested: false
    ),

    // testing: what tests share
    Module(
        layer: .testing,
        name: "SocleTesting",
        uses: ["LinuxSystem", "ByteStreams", "Reporting"],
        packages: [.system],
        tested: false
    ),
]

/// Test suites that belong to no single module.
let suites: [(name: String, uses: [String])] = [
    ("ArchitectureTests", ["LinuxSystem"]), ("EndToEndTests", ["SocleTesting", "LinuxSystem"]),
    ("InteropTests", ["SocleTesting", "LinuxSystem"]),
    (
        "FuzzTests",
        [
            "SocleTesting", "TarFormat", "ELFFormat", "DockerfileSyntax", "OCISpec", "ByteStreams", "LayerTransfer",
            "LinuxSystem", "ImageTrust", "RegistryAccess", "RegistryService", "ImageManagement",
        ]
    ),
]

// MARK: - Direction

let rows = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0) })
for module in modules {
    for used in module.uses {
        guard let other = rows[used] else { fatalError("\(module.name) uses \(used), which is not a module") }
        if other.layer.rawValue > module.layer.rawValue {
            fatalError("\(module.name) (\(module.layer)) must not use \(used) (\(other.layer))")
        }
    }
}

// MARK: - Slices

// SOCLE_SLICE="TarFormat LayerTransfer" builds and tests those modules and what they need, and nothing else.
let slice = ProcessInfo.processInfo.environment["SOCLE_SLICE"].map { $0.split(separator: " ").map(String.init) }
func closure(of names: [String]) -> Set<String> {
    names.reduce(into: Set(names)) { found, name in
        guard let module = rows[name] else { fatalError("SOCLE_SLICE names \(name), which is not a module") }
        found.formUnion(closure(of: module.uses))
    }
}
let chosen = closure(
    of: slice.map { $0 + ["SocleTesting"] + $0.flatMap { rows[$0]?.testUses ?? [] } } ?? modules.map(\.name)
)
let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: here.appendingPathComponent(path).path) }

// MARK: - Targets

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"), .treatAllWarnings(as: .error),
]

func target(_ module: Module) -> Target {
    let path = "\(module.layer.folder)/\(module.name)"
    let dependencies: [Target.Dependency] =
        module.uses.map { .init(stringLiteral: $0) }
        + module.packages.map { .product(name: $0.product, package: $0.name) }
    switch module.kind {
    case .swift:
        let strict: [SwiftSetting] = module.layer == .formats ? [.strictMemorySafety()] : []
        return .target(name: module.name, dependencies: dependencies, path: path, swiftSettings: settings + strict)
    case .program:
        return .executableTarget(name: module.name, dependencies: dependencies, path: path, swiftSettings: settings)
    case .c:
        return .target(name: module.name, dependencies: dependencies, path: path)
    case .systemLibrary(let apt):
        // Nothing is asked of pkg-config: its folder of shared libraries would be searched before that of static ones.
        return .systemLibrary(name: module.name, path: path, providers: [.apt([apt])])
    }
}

func testTarget(_ name: String, uses: [String], packages: [Module.Package] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: uses.map { .init(stringLiteral: $0) }
            + packages.map { .product(name: $0.product, package: $0.name) },
        path: "Tests/\(name)",
        swiftSettings: settings
    )
}

let built = modules.filter { chosen.contains($0.name) }
let moduleTests = built.filter { $0.tested && exists("Tests/\($0.name)Tests") && slice?.contains($0.name) != false }.map
{
    testTarget(
        "\($0.name)Tests",
        uses: [$0.name, "SocleTesting"] + $0.uses.filter { rows[$0]?.layer != .c } + $0.testUses,
        packages: $0.packages
    )
}
let suiteTests = suites.filter { slice == nil && exists("Tests/\($0.name)") }.map {
    testTarget($0.name, uses: $0.uses, packages: [.system])
}
let packages = Dictionary(
    built.flatMap(\.packages).map { ($0.name, $0.version) },
    uniquingKeysWith: { first, _ in first }
)

let package = Package(
    name: "socle",
    products: chosen.contains("socle") ? [.executable(name: "socle", targets: ["socle"])] : [],
    dependencies: packages.sorted { $0.key < $1.key }.map {
        .package(url: "https://github.com/apple/\($0.key)", exact: $0.value)
    },
    targets: built.map(target) + moduleTests + suiteTests,
    swiftLanguageModes: [.v6]
)
