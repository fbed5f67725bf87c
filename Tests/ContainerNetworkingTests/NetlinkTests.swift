import SystemPackage
import Testing

@testable import ContainerNetworking

@Suite struct NetlinkTests {
    @Test func aMessageIsItsHeaderAndItsPaddedAttributes() {
        var message = NetlinkMessage(.newLink, [.create])
        message.append(number: UInt32(7))
        message.attribute(3, text: "ab")
        message.attribute(18) { $0.attribute(1, [1, 2, 3, 4, 5]) }
        let bytes = message.encoded(sequence: 9)
        #expect(
            bytes == [
                44, 0, 0, 0, 16, 0, 1, 4, 9, 0, 0, 0, 0, 0, 0, 0,  // length, kind, flags, sequence, port
                7, 0, 0, 0,
                7, 0, 3, 0, 97, 98, 0, 0,
                16, 0, 18, 0, 9, 0, 1, 0, 1, 2, 3, 4, 5, 0, 0, 0,
            ]
        )
    }

    @Test func answersAreTakenApart() throws {
        var message = NetlinkMessage(.newRoute, [])
        for byte in [2, 16, 0, 0, 254, 3, 253, 1, 0, 0, 0, 0] as [UInt8] { message.append(byte) }
        message.attribute(1, [172, 17, 0, 0])
        let other = NetlinkMessage(.newRoute, [])
        let answers = try NetlinkAnswer.parse(message.encoded(sequence: 1) + other.encoded(sequence: 2))
        #expect(answers.map(\.sequence) == [1, 2])
        let table = RouteTable(answers)
        #expect(table.subnets.map(\.description) == ["172.17.0.0/16"] && table.defaultLink == nil)
    }

    @Test func theDefaultRouteNamesItsCard() throws {
        var message = NetlinkMessage(.newRoute, [])
        for byte in [2, 0, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0] as [UInt8] { message.append(byte) }
        message.attribute(4, number: 3)
        #expect(RouteTable(try NetlinkAnswer.parse(message.encoded(sequence: 1))).defaultLink == 3)
    }

    @Test func lengthsThatLeadOutAreRefusedOrLeftOut() throws {
        var bytes = NetlinkMessage(.newLink, []).encoded(sequence: 1)
        bytes[0] = 200
        #expect(throws: NetworkError.self) { try NetlinkAnswer.parse(bytes) }
        bytes[0] = 3
        #expect(throws: NetworkError.self) { try NetlinkAnswer.parse(bytes) }
        #expect(try NetlinkAnswer.parse([1, 2, 3]).isEmpty)
        let answer = NetlinkAnswer(kind: 16, sequence: 1, body: [0, 0, 0, 0, 40, 0, 3, 0, 1])
        #expect(answer.attributes(after: 4).isEmpty)
        #expect(LinkDescription(NetlinkAnswer(kind: 16, sequence: 1, body: [0, 0, 0])) == nil)
    }

    @Test func errorsCarryTheirNumber() {
        let refusal = NetlinkAnswer(kind: NetlinkAnswer.error, sequence: 1, body: [0xef, 0xff, 0xff, 0xff])
        #expect(refusal.errno == .fileExists)
        #expect(NetlinkAnswer(kind: NetlinkAnswer.error, sequence: 1, body: [0, 0, 0, 0]).errno == nil)
    }
}
