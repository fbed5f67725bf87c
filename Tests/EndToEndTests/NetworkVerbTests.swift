import SocleTesting
import SystemPackage
import Testing

/// The network verbs, with the same words on Docker: what they print, what they complain about, and how they end.
@Suite(.requires(.all(.root, .overlay, Fixture.busybox, Docker.isThere)), .serialized)
final class NetworkVerbTests {
    private let socle: Socle
    private static let image = "socle-test-network-verbs"
    /// The first numbers of ranges that lead nowhere on this machine; the lines below say `10.211` for it.
    private static let range: String = {
        let routes = (try? Command.run("ip", ["-4", "route"]).text) ?? ""
        return (220..<250).map { "10.\($0)" }.first { !routes.contains($0 + ".") } ?? "10.211"
    }()

    init() throws {
        let socle = try Socle()
        let tar = try Fixture.busyboxRoot(in: socle.work).string
        try socle.output("import", tar, Self.image)
        try Docker.output("import", tar, Self.image)
        self.socle = socle
    }

    deinit {
        for words in [
            ["rm", "-f", "sv-c1", "sv-c2"], ["network", "rm", "sv-n1", "sv-n2", "sv-n5"], ["rmi", "-f", Self.image],
        ] {
            _ = try? Docker.run(words)
            _ = try? socle.run(words)
        }
    }

    /// IDs are everybody's own.
    private func plain(_ text: some StringProtocol) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.split(separator: " ", omittingEmptySubsequences: false)
                .map { $0.count == 64 && $0.allSatisfy(\.isHexDigit) ? "<id>" : String($0) }.joined(separator: " ")
        }.joined(separator: "\n")
    }

    /// Without what is only said beside an error.
    private func plainErrors(_ command: Command) -> String {
        command.plainError.split(separator: "\n").filter { !$0.hasPrefix("See 'COMMAND") && !$0.hasPrefix("time=") }
            .map { plain($0) }.joined(separator: "\n").lowercased()
    }

    private func compare(_ lines: String) throws {
        for line in lines.split(separator: "\n") {
            // Words with a blank in them have a `_` for it.
            // Those with a ~ are refused by both, in words that changed from one Docker to the next.
            let hasOwnWords = line.hasPrefix("~")
            let words = line.drop { $0 == "~" }.split(separator: " ").map { word in
                word == "IMAGE"
                    ? Self.image
                    : word.split(separator: "_", omittingEmptySubsequences: false).joined(separator: " ").replacing(
                        "10.211.",
                        with: Self.range + "."
                    )
            }
            let (ours, theirs) = (try socle.run(words), try Docker.run(words))
            #expect(plain(ours.text) == plain(theirs.text), "\(line): \(ours.errorText)")
            #expect(ours.status == theirs.status, "\(line): \(ours.errorText)")
            if hasOwnWords {
                #expect(ours.status != 0 && !ours.errorText.isEmpty, "\(line)")
            } else {
                let (ours, theirs) = (plainErrors(ours), plainErrors(theirs))
                #expect(ours == theirs, "\(line)")
            }
        }
    }

    @Test func networksAreMadeShownAndRemoved() throws {
        try compare(
            """
            network create sv-n1
            network create sv-n1
            network create --subnet 10.211.9.0/24 --gateway 10.211.9.1 --ip-range 10.211.9.128/25 --label a=b --label c sv-n2
            network create --subnet 10.211.7.0/31 sv-n3
            network create --subnet 10.211.7.0/32 sv-n3
            network create --subnet 10.211.7.0/24 --gateway 10.211.7.0 sv-n3
            network create --subnet 10.211.7.0/24 --gateway 10.211.7.255 sv-n3
            network create --aux-address a=10.211.7.5 sv-n3
            network create --subnet 10.211.7.0/24 --aux-address a=10.1.1.1 sv-n3
            network create --subnet 10.211.7.0/24 --aux-address a=x sv-n3
            network create --subnet 10.211.7.0/24 --aux-address a sv-n3
            network create --subnet 10.211.7.0/24 --aux-address a=10.211.7.1 sv-n3
            network create --subnet 10.211.7.0/24 --aux-address a=10.211.7.0 sv-n3
            ~network create --subnet 10.211.7.0/24 --aux-address a=10.211.7.5 --aux-address b=10.211.7.5 sv-n3
            network create --ipam-driver bogus sv-n3
            network create --ipam-driver null sv-n3
            network create --subnet 10.211.9.0/25 sv-n3
            network create --subnet bogus sv-n4
            network create --subnet 10.211.9.0 sv-n4
            network create --gateway 10.1.1.1 sv-n4
            network create --subnet 10.211.8.0/24 --gateway 10.1.1.1 sv-n4
            network create --subnet 10.211.8.0/24 --ip-range 10.1.1.0/25 sv-n4
            ~network create -d nothing sv-n4
            network create --ipv6 --subnet fd00:5:2::/64 --subnet fd00:5:3::/64 sv-n4
            network create --ipv6 --subnet fd00:5:2::/64 --gateway fd00:5:3::1 sv-n4
            network create --ipv6 --subnet fd00:5:2::/64 --ip-range fd00:5:3::/80 sv-n4
            network create --ipv6 --gateway fd00:5:2::1 sv-n4
            network create host
            network create
            network create --internal sv-n5
            network ls --format {{.Name}}_{{.Driver}}_{{.Scope}}_{{.Internal}}_{{.Labels}} -f name=sv-n5
            network ls --format {{.Name}} -f label=a
            network ls --format {{.Name}} -f label=a=x
            network ls --format {{.Name}} -f driver=bridge -f name=sv-n
            network ls --format {{.Name}} -f type=custom -f name=sv-
            network ls --format {{.Name}} -f dangling=true -f name=sv-
            network ls -f color=red
            network inspect -f {{json_.IPAM.Config}}_{{.Internal}}_{{json_.Labels}}_{{.Driver}}_{{.Scope}}_{{.EnableIPv6}}_{{.IPAM.Driver}} sv-n2
            network inspect -f {{.Name}}_{{.Driver}}_{{len_.Containers}} none host
            ~network inspect sv-missing
            ~network inspect -f {{.Name}} sv-missing sv-n1
            ~network rm sv-missing sv-n1
            network rm host
            ~network rm
            network prune -f --filter label=c
            network ls -q -f name=sv-n2
            network prune -f
            network ls -q -f name=sv-
            """
        )
    }

    @Test func containersJoinAndLeave() throws {
        try compare(
            """
            network create --subnet 10.211.9.0/24 sv-n2
            network create sv-n1
            create --name sv-c1 --network sv-n2 --ip 10.211.9.7 IMAGE true
            create --name sv-c2 --network sv-missing IMAGE true
            inspect -f {{json_(index_.NetworkSettings.Networks_"sv-n2").IPAMConfig}}_{{.HostConfig.NetworkMode}} sv-c1
            network connect --alias web --ip 10.0.0.1 sv-n1 sv-c1
            network connect --alias web sv-n1 sv-c1
            inspect -f {{range_$k,_$v_:=_.NetworkSettings.Networks}}{{$k}}_{{end}} sv-c1
            network connect sv-n1 sv-missing
            network disconnect sv-n1 sv-c1
            network disconnect sv-n1 sv-c1
            network disconnect sv-n1 sv-missing
            network disconnect sv-n2 sv-c1
            network connect sv-n1 sv-c1
            inspect -f {{range_$k,_$v_:=_.NetworkSettings.Networks}}{{$k}}_{{end}} sv-c1
            network disconnect -f sv-n2 sv-c1
            network connect sv-n2 sv-c1
            network connect host sv-c1
            network connect none sv-c1
            network inspect -f {{len_.Containers}} sv-n2
            run --rm --network sv-missing IMAGE true
            run --rm --network none --ip 10.0.0.1 IMAGE true
            run --rm --network none -p 80 IMAGE true
            run --rm --network container:sv-missing IMAGE true
            run --rm --network host --network-alias x IMAGE true
            ~run --rm --network sv-n2 --ip 10.0.0.9 IMAGE true
            run --rm --network sv-n2 --ip nonsense IMAGE true
            run --rm --network sv-n2 --mac-address nonsense IMAGE true
            run --rm --network sv-n2 --ip6 nonsense IMAGE true
            run --rm --network sv-n2 --ip6 1.2.3.4 IMAGE true
            run --rm --network sv-n2 --ip6 fd00:5:2::2 IMAGE true
            run --rm --network none --ip6 fd00:5:2::2 IMAGE true
            run --rm --network sv-n2 --link-local-ip nonsense IMAGE true
            network connect --ip6 fd00:5:2::2 sv-n1 sv-c1
            run --rm --network sv-n2 --dns nonsense IMAGE true
            ~run --rm -p 80:80:80:80 IMAGE true
            ~run --rm -p 99999 IMAGE true
            ~run --rm -p nonsense IMAGE true
            ~run --rm -p 80/xyz IMAGE true
            ~run --rm -p 81-80:81-80 IMAGE true
            ~run --rm --expose nonsense IMAGE true
            run --rm --add-host nonsense IMAGE true
            rm sv-c1
            network rm sv-n2 sv-n1
            """
        )
    }
}
