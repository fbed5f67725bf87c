import SystemPackage
import Testing

@testable import LinuxSystem

struct IDMapTests {
    @Test func rangesAreTheUsersByNameAndNumber() {
        let text = """
            other:100000:65536
            me:200000:65536
            1234:300000:10
            me:broken:3
            me:5
            me:4294967295:2
            me:7:0

            """
        #expect(
            SubordinateRange.all(in: text, uid: 1234, name: "me")
                == [SubordinateRange(first: 200_000, count: 65_536), SubordinateRange(first: 300_000, count: 10)]
        )
        #expect(SubordinateRange.all(in: text, uid: 1234, name: nil) == [SubordinateRange(first: 300_000, count: 10)])
        #expect(SubordinateRange.all(in: text, uid: 7, name: "nobody") == [])
    }

    @Test func theUserIsRootAndTheRestIsLent() {
        let map = IDMap(
            own: 1234,
            lent: [SubordinateRange(first: 200_000, count: 1_000), SubordinateRange(first: 400_000, count: 5)]
        )
        #expect(map.words == ["0", "1234", "1", "1", "200000", "1000", "1001", "400000", "5"])
        #expect(map.count == 1_006)
        #expect(map.last == 1_005)
        #expect(map.contains(0) && map.contains(1_005) && !map.contains(1_006))
        #expect(!map.isIdentity)
        let many = IDMap(own: 1, lent: (0..<1_000).map { SubordinateRange(first: 100_000 + $0 * 2, count: 1) })
        #expect(many.lines.count == 340)
        #expect(IDMap(own: 5, lent: []).count == 1)
        let huge = IDMap(own: 1, lent: [.init(first: 2, count: .max - 2), .init(first: 5, count: 100)])
        #expect(huge.last == UInt32.max - 1)
    }

    @Test func theKernelsTextIsRead() {
        #expect(IDMap(text: "         0          0 4294967295\n").isIdentity)
        #expect(
            IDMap(text: "         0       1234          1\n         1     200000      65536\n")
                == IDMap(own: 1234, lent: [SubordinateRange(first: 200_000, count: 65_536)])
        )
    }

    @Test func whatIsTurnedOffIsNamed() {
        let error = SystemError("clone", nil, .notPermitted)
        func explanation(_ settings: [String: Int64], _ error: SystemError) -> String {
            UserSpaceObstacle.explanation(of: error) { settings[$0] }.description
        }
        #expect(explanation(["user/max_user_namespaces": 0], error).contains("max_user_namespaces is 0"))
        #expect(explanation(["kernel/unprivileged_userns_clone": 0], error).contains("unprivileged_userns_clone is 0"))
        #expect(explanation(["kernel/apparmor_restrict_unprivileged_userns": 1], error).contains("AppArmor"))
        #expect(explanation(["user/max_user_namespaces": 5], .init("clone", nil, .noSpace)).contains("as many"))
        #expect(explanation([:], .init("clone", nil, .invalidArgument)).contains("this kernel has no user namespaces"))
        #expect(explanation([:], error).contains("refuses a user namespace"))
    }
}
