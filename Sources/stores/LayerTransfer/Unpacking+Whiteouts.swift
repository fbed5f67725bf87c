import LinuxSystem
import SystemPackage
import TarFormat

extension Unpacking {
    static let opaqueValue = [UInt8(ascii: "y")]

    /// Whether the directory is a layer by itself, with marks of what it hides.
    var hasMarks: Bool { whiteouts == .overlay || whiteouts == .userOverlay }

    var opaqueAttribute: PathBytes {
        whiteouts == .userOverlay ? OverlayAttribute.userOpaque : OverlayAttribute.trustedOpaque
    }

    /// `.wh.name`: hides what the layers below have under the name. What this layer has there stays.
    mutating func hide(_ name: LayerName, in parent: borrowing Directory) throws(SystemError) {
        let last = PathBytes(name.last)
        if whiteouts == .remove {
            if !unpacked.contains(name.normalized) { try clear(last, in: parent) }
            return
        }
        do throws(SystemError) {
            try parent.makeNode(last, mode: 0o020000, device: FileStatus.Device(major: 0, minor: 0))
        } catch {
            guard error.errno == .fileExists else { throw error }
            // Anything but a directory hides what is below without our help.
            guard try parent.status(last)?.kind == .directory else { return }
            try parent.setAttribute(opaqueAttribute, of: last, to: Self.opaqueValue)
        }
    }

    /// `.wh..wh..opq`: hides all that the layers below have in the directory.
    mutating func hideAll(in directory: borrowing Directory, _ name: LayerName) throws(SystemError) {
        if whiteouts == .remove {
            linkPath = OpenPath(root: linkPath.root)
            return try removeForeign(in: directory, prefix: name.prefix(name.parents.count))
        }
        try ExtendedAttributes.set(opaqueAttribute, to: Self.opaqueValue, of: directory.descriptor.raw)
    }

    /// Notes that a name came from this archive, and with it the directories it is in.
    mutating func remember(_ name: LayerName) {
        for count in stride(from: name.parts.count, to: 0, by: -1) where !unpacked.insert(name.prefix(count)).inserted {
            return
        }
    }

    /// Removes all that did not come from this archive.
    private func removeForeign(in directory: borrowing Directory, prefix: [UInt8]) throws(SystemError) {
        for entry in try directory.entries() {
            let path = (prefix.isEmpty ? [] : prefix + [UInt8(ascii: "/")]) + entry.name.bytes
            if !unpacked.contains(path) {
                try directory.removeTree(entry.name)
            } else if try directory.status(entry.name)?.kind == .directory {
                try removeForeign(in: try directory.directory(entry.name), prefix: path)
            }
        }
    }
}
