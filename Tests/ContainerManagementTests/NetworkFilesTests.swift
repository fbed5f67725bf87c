import Reporting
import Testing

@testable import ContainerManagement

/// The three files of a container, compared with those that Docker makes.
@Suite struct NetworkFilesTests {
    private static let host = NetworkFiles.Host(
        hosts: Array("127.0.0.1 localhost\n127.0.0.1 vm\n".utf8),
        resolver: Array("# comment\nsearch lan\nnameserver 127.0.0.53\nnameserver 10.0.0.1\noptions edns0\n".utf8)
    )

    private func files(_ configure: (inout RunRequest) -> Void = { _ in }) throws -> (hosts: String, resolver: String) {
        var request = RunRequest(image: "x")
        configure(&request)
        let files = try NetworkFiles(request, hostname: "name") { Self.host }
        #expect(files.hostname == Array("name\n".utf8))
        return (String(decoding: files.hosts, as: UTF8.self), String(decoding: files.resolver, as: UTF8.self))
    }

    private static let own = """
        127.0.0.1\tlocalhost
        ::1\tlocalhost ip6-localhost ip6-loopback
        fe00::0\tip6-localnet
        ff00::0\tip6-mcastprefix
        ff02::1\tip6-allnodes
        ff02::2\tip6-allrouters

        """

    @Test func aNetworkOfItsOwn() throws {
        let (hosts, resolver) = try files()
        #expect(hosts == Self.own)
        #expect(resolver == "search lan\nnameserver 10.0.0.1\noptions edns0\n")
    }

    @Test func theHostsNetwork() throws {
        let (hosts, resolver) = try files { $0.network = .host }
        #expect(Array(hosts.utf8) == Self.host.hosts)
        #expect(Array(resolver.utf8) == Self.host.resolver)
    }

    @Test func whatTheUserSays() throws {
        for network in [NetworkMode.none, .host] {
            let (hosts, resolver) = try files {
                $0.network = network
                $0.extraHosts = ["z:9.9.9.9"]
                $0.nameServers = ["1.1.1.1"]
                $0.searchDomains = ["foo"]
                $0.resolverOptions = ["ndots:3"]
            }
            #expect(hosts == Self.own + "9.9.9.9\tz\n")
            #expect(resolver == "search foo\nnameserver 1.1.1.1\noptions ndots:3\n")
        }
    }

    @Test func withoutReachableServersDockersAreTaken() throws {
        var request = RunRequest(image: "x")
        request.network = .none
        let files = try NetworkFiles(request, hostname: "n") {
            .init(hosts: nil, resolver: Array("nameserver ::1\n".utf8))
        }
        #expect(String(decoding: files.resolver, as: UTF8.self) == "nameserver 8.8.8.8\nnameserver 8.8.4.4\n")
    }

    @Test(arguments: ["foo", "a:", ":1", "a b:1", "a:1\n2"]) func badHosts(_ text: String) {
        #expect(throws: PlainFailure.self) { try files { $0.extraHosts = [text] } }
    }

    @Test(arguments: [
        ("foo", "", "foo"), ("foo.bar.com", "", "foo.bar.com foo"), ("foo", "bar.com", "foo.bar.com foo"),
        ("foo.bar", "com", "foo.bar.com foo"), (".foo", "", ".foo"),
    ])
    func theNameWithItsDomainAndWithout(_ hostname: String, _ domain: String, _ names: String) {
        #expect(NetworkPlace.names(hostname, domain) == names)
    }
}
