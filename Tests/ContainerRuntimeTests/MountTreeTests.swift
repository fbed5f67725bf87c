import Glibc
import SocleTesting
import SystemPackage
import Testing

@testable import LinuxSystem

@Suite(.requires(.overlay)) struct MountTreeTests {
    /// The way of kernels before 6.13, which newer ones still know.
    @Test func anOverlayOfNumberedLayers() throws {
        let root = try TemporaryRoot()
        var layers: [CInt] = []
        defer { for layer in layers { close(layer) } }
        for number in 0..<40 {
            let folder = try Directory.open(root("layer\(number)"), create: true, mode: 0o755)
            _ = try folder.open("file\(number)", flags: O_CREAT | O_WRONLY, mode: 0o600)
            let same = try folder.open("same", flags: O_CREAT | O_WRONLY, mode: 0o600)
            try DescriptorIO.write(same.raw, Array("\(number)".utf8).span)
            layers.append(try folder.descriptor.duplicate().release())
        }
        let upper = try Directory.open(root("upper"), create: true)
        let work = try Directory.open(root("work"), create: true)
        let before = try Command.output(of: "pwd")
        let tree = try MountTree.overlayByNumber(
            lowers: layers,
            upper: upper.descriptor.raw,
            work: work.descriptor.raw,
            volatile: true
        )
        let top = Directory(adopting: try tree.descriptor.duplicate())
        #expect(try top.reopened().names().count == 41)
        // The first layer is the top one.
        let same = try top.open("same", flags: O_RDONLY)
        #expect(try DescriptorIO.readAll(same.raw, limit: 10) == Array("0".utf8))
        // Only a thread of its own went elsewhere.
        #expect(try Command.output(of: "pwd") == before)
    }

    @Test func attributesOfADetachedTree() throws {
        let root = try TemporaryRoot()
        let tree = try MountTree.copying(root.path, recursive: true)
        try tree.change(set: [.readOnly, .noExecute], propagation: .isolated)
        let top = Directory(adopting: try tree.descriptor.duplicate())
        #expect(throws: SystemError.self) { try top.makeDirectory("new") }
        try Directory.open(root.path).makeDirectory("old")
        #expect(throws: SystemError.self) { _ = try MountTree.copying("/nowhere", recursive: false) }
        #expect(throws: SystemError.self) { _ = try NamespaceKind.network.open("/proc/self/ns/uts") }
    }
}
