import SocleTesting
import SystemPackage
import Testing

extension Socle {
    /// Runs a script of bash in a network of its own, in which `socle` is the binary with this store, and compares what it says.
    func expectInOwnNetwork(_ script: String, _ expected: String, location: SourceLocation) throws {
        try write(["script": .file(Array(("socle() { \"$SOCLE\" \"$@\"; }\n" + script).utf8))])
        let result = try shell("timeout 120 unshare -n -m bash \(work.appending("script"))")
        #expect(result.text == expected, "\(result.errorText)", sourceLocation: location)
    }
}
