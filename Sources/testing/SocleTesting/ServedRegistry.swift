/// `socle registry serve` of a test's store on the loopback; it ends with this value.
package final class ServedRegistry {
    /// `127.0.0.1:PORT`.
    package let host: String
    /// `http://127.0.0.1:PORT`, or with https.
    package let address: String
    private let process: String

    /// Starts it and waits until it listens; what it says is in the test's folder, in `NAME.log`.
    package init(of socle: borrowing Socle, _ flags: String = "", name: String = "served") throws {
        let start = """
            rm -f \(name).out
            "$SOCLE" --debug registry serve --listen 127.0.0.1:0 \(flags) >\(name).out 2>\(name).log & echo $!
            for _ in $(seq 400); do grep -q '^Listening on ' \(name).out 2>/dev/null && exit 0; sleep 0.05; done
            cat \(name).log >&2
            exit 1
            """
        process = try socle.shell(start).succeeding()
        address = try socle.shell("sed 's/^Listening on //' \(name).out").succeeding()
        host = String(address.drop { $0 != "/" }.dropFirst(2))
    }

    deinit { _ = try? Command.run("kill", ["-9", process]) }

    /// Ends it by a signal, and waits until it has ended.
    package func end(by signal: String, in socle: borrowing Socle) throws {
        let script = """
            kill -\(signal) \(process)
            for _ in $(seq 400); do
                state=$(sed 's/.*) //; s/ .*//' /proc/\(process)/stat 2>/dev/null)
                case "$state" in ''|Z|X) exit 0;; esac
                sleep 0.05
            done
            exit 1
            """
        try socle.shell(script).succeeding()
    }
}
