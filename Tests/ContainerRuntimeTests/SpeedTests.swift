import ContainerRuntime
import Glibc
import LinuxSystem
import OCISpec
import SocleTesting
import SystemPackage
import Testing

/// How long a container takes, from the request to the end of a static program; printed, and bounded generously.
@Suite(.requires(.all(Sandbox.needs, .tool("cc"))), .serialized) struct SpeedTests {
    @Test func launchAndWait() throws {
        let box = try Sandbox()
        try box.write("hello.c", "int main(void) { return 0; }")
        try Command.output(
            of: "cc",
            ["-static", "-O1", "-o", box.root("lower/hello").string, box.root("hello.c").string]
        )
        var whole: [Double] = []
        var launched: [Double] = []
        let spec = box.spec(["/hello"])
        for _ in 0..<40 {
            try? Directory.open(box.root("work")).removeTree("work")
            let start = ContinuousClock.now
            var container = try NativeExecutor().launch(box.request(spec, .descriptors(input: 0, output: 1, error: 2)))
            launched.append(Self.milliseconds(since: start))
            _ = try container.wait()
            container.settle()
            whole.append(Self.milliseconds(since: start))
        }
        whole.sort()
        launched.sort()
        print("launch \(launched[20]) ms, whole \(whole[20]) ms (min \(whole[0])), medians of 40")
        #expect(whole[20] < 200)
    }

    private static func milliseconds(since start: ContinuousClock.Instant) -> Double {
        let passed = start.duration(to: .now).components
        return Double(passed.seconds) * 1000 + Double(passed.attoseconds / 1_000_000_000_000) / 1000
    }
}
