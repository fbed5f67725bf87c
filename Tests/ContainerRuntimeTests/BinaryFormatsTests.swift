import ContainerRuntime
import SystemPackage
import Testing

/// The kernel's descriptions of formats that emulators run.
struct BinaryFormatsTests {
    private static let arm64 = """
        enabled
        interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
        flags: POF
        offset 0
        magic 7f454c460201010000000000000000000200b700
        mask ffffffffffffff00fffffffffffffffffeffffff
        """

    private static func head(type: UInt8, machine: UInt8, abi: UInt8 = 0) -> [UInt8] {
        [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, abi] + [UInt8](repeating: 0, count: 8) + [type, 0, machine, 0, 1, 0, 0, 0]
    }

    @Test func describesAnEmulator() throws {
        let format = try #require(BinaryFormats.Format(name: "qemu-aarch64", text: Self.arm64))
        #expect(format.interpreter == "/usr/libexec/qemu-binfmt/aarch64-binfmt-P")
        #expect(format.isFixed)
        let formats = BinaryFormats(formats: [format])
        #expect(formats.format(of: Self.head(type: 2, machine: 0xb7)) == format)
        // A position-independent program differs in a bit that doesn't count, another processor in ones that do.
        #expect(formats.format(of: Self.head(type: 3, machine: 0xb7, abi: 3)) == format)
        #expect(formats.format(of: Self.head(type: 2, machine: 0xf3)) == nil)
        #expect(formats.format(of: [0x7f, 0x45]) == nil)
    }

    @Test(arguments: [
        arm64.replacing("enabled", with: "disabled"), arm64.replacing("magic 7f", with: "magic 7"),
        arm64.replacing("mask ff", with: "mask "), "enabled\ninterpreter /x\nflags: \nextension .exe\n", "",
    ])
    func whatIsNoUse(_ text: String) {
        #expect(BinaryFormats.Format(name: "x", text: text) == nil)
    }

    @Test func withoutTheFlag() {
        let text = Self.arm64.replacing("POF", with: "PO")
        #expect(BinaryFormats.Format(name: "x", text: text)?.isFixed == false)
    }
}
