import ContainerRuntime
import OCISpec
import Reporting
import SystemPackage
import Testing

@testable import ContainerMonitor

/// What passes between a command and the monitor in another process.
@Suite struct ReportTests {
    @Test func endsAndFailuresComeThrough() throws {
        let end = ExitRecord(code: 3, startedAt: 1, finishedAt: 2)
        #expect(try MonitorReport.result(MonitorReport.ended(end)) == end)
        let failure = RuntimeError(.notFound, "exec: \"x\": not found", exitCode: 127, hint: "look")
        #expect(throws: failure) { try MonitorReport.result(MonitorReport.failed(failure)) }
    }

    @Test(arguments: ["", "{", "{}", "null"]) func aMonitorThatSaysNothingDied(_ text: String) {
        let error = #expect(throws: RuntimeError.self) { try MonitorReport.result(Array(text.utf8)) }
        #expect(error?.exitCode == 125)
    }

    @Test func anOrderComesThrough() throws {
        var spec = RuntimeSpec()
        spec.process = .init(args: ["a"], user: .init(uid: 7))
        spec.mounts = RuntimeDefaults.mounts()
        var order = MonitorOrder(
            id: "id",
            folder: "/f",
            spec: spec,
            lowers: ["/a", "/b"],
            upper: "/u",
            work: "/w",
            cacheDirectory: "/c"
        )
        order.runtime = "/usr/bin/runc"
        order.isInteractive = true
        #expect(try JSON.decode(MonitorOrder.self, from: JSON.encode(order)) == order)
        guard case .overlay(let lowers, _, _, let volatile, _) = order.launchRequest(.terminal(rows: 1, columns: 2)).root
        else {
            Issue.record("not an overlay")
            return
        }
        #expect(lowers == ["/a", "/b"] && !volatile)
    }
}
