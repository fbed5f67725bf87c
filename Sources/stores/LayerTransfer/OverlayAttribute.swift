import LinuxSystem

/// The attributes by which overlayfs and fuse-overlayfs keep their books.
enum OverlayAttribute {
    static let trustedOpaque: PathBytes = "trusted.overlay.opaque"
    static let userOpaque: PathBytes = "user.overlay.opaque"

    static func isOne(_ name: [UInt8]) -> Bool { LayeredTree.isBookkeeping(PathBytes(name)) }

    /// Whether it says that a file's name or bytes are elsewhere: such a layer is not complete.
    static func movesContents(_ name: [UInt8]) -> Bool {
        isOne(name) && [".redirect", ".metacopy"].contains { name.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }

    /// Whether an archive may set it. Overlay's own would let one layer redirect into others.
    static func mayCome(_ name: [UInt8]) -> Bool {
        !isOne(name) && (OwnUserNamespace.isInitial || PathBytes(name) != DeviceStandIn.attribute)
    }
}
