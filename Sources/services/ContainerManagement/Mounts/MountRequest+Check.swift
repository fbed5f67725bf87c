import ContainerRuntime
import Reporting

extension MountRequest {
    private static let propagations: Set<String> = ["rprivate", "private", "rshared", "shared", "rslave", "slave"]

    /// Refuses what Docker refuses of one mount.
    func check() throws(PlainFailure) {
        do throws(PlainFailure) { try checkParts() } catch {
            if kind == .volume, error.description.hasPrefix("create ") { throw error }
            if kind == .tmpfs, isShort { throw error }
            let text = "invalid mount config for type \"\(kind.rawValue)\": \(error.description)"
            let prefix = isShort ? "invalid volume specification: '\(specification)': " : ""
            throw PlainFailure(error.kind, prefix + text)
        }
    }

    private func checkParts() throws(PlainFailure) {
        try Self.check(target: target)
        for text in [target, source ?? ""] where text.utf8.contains(0) {
            throw PlainFailure(.invalidArgument, "invalid mount path: \(text.debugDescription)")
        }
        switch kind {
        case .bind:
            guard let source, !source.isEmpty else {
                throw PlainFailure(.invalidArgument, "field Source must not be empty")
            }
            guard source.hasPrefix("/") else { throw Self.notAbsolute(source) }
            if let propagation, !Self.propagations.contains(propagation) {
                throw PlainFailure(.invalidArgument, "invalid propagation mode: \(propagation)")
            }
        case .volume:
            if propagation != nil {
                throw PlainFailure(.invalidArgument, "field BindOptions must not be specified")
            }
            if let subpath { try check(subpath: subpath) }
            if let source { try VolumeName.check(source) }
        case .tmpfs:
            if let source, !source.isEmpty {
                throw PlainFailure(.invalidArgument, "field Source must not be specified")
            }
        }
    }

    private func check(subpath: String) throws(PlainFailure) {
        if source == nil {
            throw PlainFailure(.invalidArgument, "must not set Subpath when using anonymous volumes")
        }
        if subpath.hasPrefix("/") || subpath.utf8.contains(0) || ContainerPath.leadsOut(subpath) {
            throw PlainFailure(.invalidArgument, "subpath must be a relative path within the volume")
        }
    }

    static func check(target: String) throws(PlainFailure) {
        guard !target.isEmpty else { throw PlainFailure(.invalidArgument, "field Target must not be empty") }
        guard target.hasPrefix("/") else { throw notAbsolute(target) }
        if ContainerPath.cleaned(target) == "/" {
            throw PlainFailure(.invalidArgument, "invalid specification: destination can't be '/'")
        }
    }

    private static func notAbsolute(_ path: String) -> PlainFailure {
        PlainFailure(.invalidArgument, "invalid mount path: '\(path)' mount path must be absolute")
    }

    /// As `-v` writes it.
    var specification: String {
        [source, target, mode.isEmpty ? nil : mode].compactMap { $0 }.joined(separator: ":")
    }
}

/// The names of volumes.
enum VolumeName {
    static func check(_ name: String) throws(PlainFailure) {
        let bytes = Array(name.utf8)
        let isValid =
            bytes.count >= 2 && bytes.count <= 255 && isLetterOrDigit(bytes[0])
            && bytes.allSatisfy { isLetterOrDigit($0) || [0x2e, 0x2d, 0x5f].contains($0) }
        if isValid { return }
        throw PlainFailure(
            .invalidArgument,
            "create \(name): \"\(name)\" includes invalid characters for a local volume name, only "
                + "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
        )
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
