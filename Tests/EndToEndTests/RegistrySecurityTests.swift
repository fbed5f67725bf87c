import SocleTesting
import SystemPackage
import Testing

/// Registries with TLS, client certificates and passwords, and mirrors.
@Suite(.requires(.all(.root, TestRegistry.isThere, .tool("openssl"), .tool("jq"))), .serialized)
struct RegistrySecurityTests {
    private func prepared() throws -> Socle {
        let socle = try Socle()
        try socle.write(["ctx": ["Dockerfile": "FROM scratch\nCOPY noise /noise\n"]])
        try socle.shell("head -c 400000 /dev/urandom > ctx/noise; socle build -q -t app:1 ctx").succeeding()
        return socle
    }

    /// An authority, a certificate for the loopback, and one for a client.
    private func makeCertificates(_ socle: borrowing Socle) throws {
        try socle.shell(
            """
            set -e
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=tests 2>/dev/null
            for name in server client; do
                openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.csr -subj /CN=$name 2>/dev/null
                echo 'subjectAltName = IP:127.0.0.1' > $name.ext
                openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext -out $name.crt 2>/dev/null
            done
            """
        ).succeeding()
    }

    /// Settings that look for certificates in the test's own folder.
    private func settings(_ socle: borrowing Socle, _ registries: String = "") throws -> [String: String] {
        let path = socle.work.appending("settings.json")
        try socle.write([
            "settings.json": .file(Array(#"{"certificates": ["\#(socle.work)/certs.d"], "registries": {\#(registries)}}"#.utf8))
        ])
        return ["SOCLE_REGISTRIES": path.string]
    }

    @Test func certificatesOfOnesOwn() throws {
        let socle = try prepared()
        try makeCertificates(socle)
        let security = TestRegistry.Security(certificate: "server.crt", key: "server.key", clients: "ca.crt")
        let registry = try TestRegistry(for: socle, security: security)
        let variables = try settings(socle)
        let name = "\(registry.host)/team/app:1"
        try socle.output("tag", "app:1", name)
        // A registry on the loopback is believed, but this one wants to know who comes.
        let stranger = try socle.run(["push", name], environment: variables)
        #expect(stranger.status != 0)
        #expect(stranger.errorText.contains("https://"), "\(stranger.errorText)")
        try socle.shell("mkdir -p certs.d/\(registry.host) && cp ca.crt certs.d/\(registry.host)/").succeeding()
        let nobody = try socle.run(["push", name], environment: variables)
        #expect(nobody.status != 0, "\(nobody.text)")
        try socle.shell("cd certs.d/\(registry.host) && cp ../../client.crt client.cert && cp ../../client.key .").succeeding()
        let pushed = try socle.run(["push", "-q", name], environment: variables)
        #expect(pushed.status == 0, "\(pushed.errorText)")
        let pulled = try socle.shell("socle rmi -f \(name) app:1 >/dev/null; socle pull -q \(name)", environment: variables)
        #expect(pulled.status == 0, "\(pulled.errorText)")
        withExtendedLifetime(registry) {}
    }

    @Test func unverifiedOnlyWhenAsked() throws {
        let socle = try prepared()
        try makeCertificates(socle)
        let registry = try TestRegistry(for: socle, wantsPassword: true, security: .init(certificate: "server.crt", key: "server.key"))
        let name = "\(registry.host)/team/app:1"
        try socle.output("tag", "app:1", name)
        let variables = ["DOCKER_CONFIG": socle.work.appending("config").string]
        #expect(try socle.run(["push", "-q", name], environment: variables).status != 0)
        let login = ["--insecure-registry", registry.host, "login", "-u", TestRegistry.user.name, "--password-stdin", registry.host]
        let entered = try socle.run(login, input: Array(TestRegistry.user.password.utf8), environment: variables)
        #expect(entered.status == 0, "\(entered.errorText)")
        let pushed = try socle.run(["--insecure-registry", registry.host, "push", "-q", name], environment: variables)
        #expect(pushed.status == 0, "\(pushed.errorText)")
        withExtendedLifetime(registry) {}
    }

    @Test func programsKeepCredentials() throws {
        let socle = try prepared()
        let registry = try TestRegistry(for: socle, wantsPassword: true)
        let name = "\(registry.host)/team/app:1"
        try socle.output("tag", "app:1", name)
        // Keeps what it is given in a file; says as Docker's programs do where there is nothing.
        let program = """
            #!/bin/sh
            cd "$(dirname "$0")"
            echo "$1" >> calls
            case $1 in
                store) cat > kept ;;
                get) cat > asked; [ -f kept ] && cat kept || { echo "credentials not found in native keychain"; exit 1; } ;;
                erase) cat > /dev/null; rm -f kept ;;
            esac
            """
        try socle.write([
            "bin": ["docker-credential-test": .file(Array(program.utf8))],
            "config": ["config.json": .file(Array(#"{"credHelpers": {"\#(registry.host)": "test"}, "other": 1}"#.utf8))],
        ])
        try socle.shell("chmod +x bin/docker-credential-test").succeeding()
        let variables = [
            "DOCKER_CONFIG": socle.work.appending("config").string,
            "PATH": "\(socle.work.appending("bin")):\(Environment.value("PATH") ?? "")",
        ]
        #expect(try socle.run(["push", "-q", name], environment: variables).status != 0)
        let login = ["login", "-u", TestRegistry.user.name, "--password-stdin", registry.host]
        let entered = try socle.run(login, input: Array(TestRegistry.user.password.utf8), environment: variables)
        #expect(entered.status == 0, "\(entered.errorText)")
        #expect(try socle.shell("jq -r .Username bin/kept").succeeding() == TestRegistry.user.name)
        #expect(try !socle.shell("cat config/config.json").succeeding().contains("auth\""))
        let pushed = try socle.run(["push", "-q", name], environment: variables)
        #expect(pushed.status == 0, "\(pushed.errorText)")
        #expect(try socle.run(["logout", registry.host], environment: variables).status == 0)
        #expect(try socle.shell("test -e bin/kept").status == 1)
        #expect(try socle.run(["push", "-q", name], environment: variables).status != 0)
        withExtendedLifetime(registry) {}
    }

    @Test func layersOfZstdGoAndCome() throws {
        let socle = try prepared()
        let registry = try TestRegistry(for: socle)
        let name = "\(registry.host)/team/app:zstd"
        try socle.output("tag", "app:1", name)
        try socle.output("push", "-q", "--compression", "zstd", name)
        #expect(try socle.output("manifest", "inspect", name).contains("tar+zstd"))
        let other = try Socle()
        try other.output("pull", "-q", name)
        #expect(try other.output("inspect", "-f", "{{.Id}}", name) == socle.output("inspect", "-f", "{{.Id}}", "app:1"))
        #expect(try other.output("image", "validate", name).contains("sound"))
        withExtendedLifetime(registry) {}
    }

    @Test func mirrorsAreAskedFirst() throws {
        let socle = try prepared()
        let origin = try TestRegistry(for: socle, name: "origin")
        let host = origin.host
        try socle.output("tag", "app:1", "\(host)/team/app:1")
        try socle.output("push", "-q", "\(host)/team/app:1")
        let mirror = try TestRegistry(for: socle, mirroring: host, name: "mirror")
        // Nobody answers to the name itself.
        let variables = try settings(socle, #""registry.invalid:5000": {"mirrors": ["http://\#(mirror.host)"]}"#)
        let name = "registry.invalid:5000/team/app:1"
        let first = try socle.run(["pull", "-q", name], environment: variables)
        #expect(first.status == 0, "\(first.errorText)")
        #expect(try socle.output("inspect", "-f", "{{.Id}}", name) == socle.output("inspect", "-f", "{{.Id}}", "app:1"))
        #expect(try socle.shell("find mirror/data -name data -path '*blobs*' | wc -l").succeeding() != "0")
        let absent = try socle.run(["pull", "-q", "registry.invalid:5000/team/other:1"], environment: variables)
        #expect(absent.status != 0)
        withExtendedLifetime((mirror, origin)) {}
    }
}
