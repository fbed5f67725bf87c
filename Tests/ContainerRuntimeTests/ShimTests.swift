import ContainerRuntime
import Glibc
import LinuxSystem
import SocleTesting
import SystemPackage
import Testing

@Suite struct ShimTests {
    private static let folder = Golden.folder().removingLastComponent().removingLastComponent().appending(
        "Sources/c/CLaunchShim"
    )

    /// The compiler that made the checked-in program: another one makes other bytes.
    private static let sameCompiler: Bool = {
        guard let version = try? Command.run("clang", ["--version"]).text.split(separator: "\n").first,
            let text = try? Command.output(of: "head", ["-n", "2", folder.appending("launch_shim.c").string])
        else { return false }
        return String(decoding: text, as: UTF8.self).contains(version)
    }()

    @Test(.enabled(if: sameCompiler, "needs the clang of the checked-in shim"))
    func theCheckedInProgramIsTheSources() throws {
        let root = try TemporaryRoot()
        let output = root("launch_shim.c").string
        try Command.output(of: Self.folder.appending("embed-shim").string, [output])
        #expect(try Command.run("cmp", [output, Self.folder.appending("launch_shim.c").string]).status == 0)
    }

    @Test(.enabled(if: sameCompiler, "needs the clang of the checked-in shim"))
    func itIsSmallAndRefusesToRunWithoutAPlan() throws {
        let root = try TemporaryRoot()
        let program = root("shim").string
        try Command.output(of: Self.folder.appending("build-shim").string, ["x86_64", program])
        var status = stat()
        #expect(stat(program, &status) == 0 && status.st_size < 16 << 10)
        #expect(try Command.run(program).status == 127)
        // A plan of noise: whatever it says, it is refused.
        for seed in 0..<200 {
            var random = SystemRandomNumberGenerator()
            var plan: [UInt8] = [0x73, 0x6f, 0x63, 0x6c, 1, 0, 0, 0]
            plan += (0..<(64 + seed * 3)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let size = UInt32(plan.count)
            plan.replaceSubrange(8..<12, with: withUnsafeBytes(of: size.littleEndian) { Array($0) })
            plan.replaceSubrange(12..<16, with: [UInt8(seed % 5), 0, 0, 0])
            plan.replaceSubrange(16..<24, with: [32, 0, 0, 0, 0, 0, 0, 0])
            plan.replaceSubrange(24..<28, with: [UInt8(seed % 46), 0, 0, 0])
            plan.replaceSubrange(28..<40, with: [UInt8](repeating: 0, count: 12))
            plan[plan.count - 1] = 0
            let file = root("plan").string
            let folder = try root.directory()
            let opened = try folder.open("plan", flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            try DescriptorIO.write(opened.raw, plan.span)
            let result = try Command.run("sh", ["-c", "exec unshare -r \(program) 3>/dev/null 4<\(file)"])
            #expect(result.status == 127)
        }
    }
}
