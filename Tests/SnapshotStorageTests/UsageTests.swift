import LinuxSystem
import SnapshotStorage
import SocleTesting
import SystemPackage
import Testing

@Suite struct UsageTests {
    /// A build that ends moves its files away while somebody else counts.
    @Test func whatIsMovedAwayMeanwhileIsNoError() throws {
        let root = try TemporaryRoot()
        try FileTree.write(["from": ["upper": ["a": ["b": ["file": "x"]], "c": ["file": "y"]]], "to": [:]], to: root.path)
        let path = root.path
        let isDone = Guarded(false)
        let hasEnded = Guarded(false)
        let isStarted = DetachedThread.start {
            while !isDone.update({ $0 }) {
                guard let folder = try? Directory.open(path) else { break }
                try? folder.rename("from/upper", to: "to/upper")
                try? folder.rename("to/upper", to: "from/upper")
            }
            hasEnded.update { $0 = true }
        }
        try #require(isStarted)
        defer {
            isDone.update { $0 = true }
            _ = hasEnded.wait { $0 ? true : nil }
        }
        for _ in 0..<3_000 { _ = try Usage.bytes(of: "from", in: try Directory.open(path)) }
    }
}
