import SocleTesting
import Testing

/// A store with the image `hostile`: suites whose containers want out build on this.
class HostileContainers {
    let socle: Socle

    init() throws {
        let socle = try Socle()
        try HostileFixture.prepare(socle, "hostile")
        self.socle = socle
    }

    deinit { _ = try? socle.shell("socle rm -f $(socle ps -aq)") }

    /// What a script says, in which nothing of the host's canary may be.
    func said(_ script: String, location: SourceLocation = #_sourceLocation) throws -> String {
        let result = try socle.shell(HostileFixture.await + script)
        #expect(!(result.text + result.errorText).contains("CANARY-CONTENT"), "\(result.summary)", sourceLocation: location)
        return result.text
    }
}
