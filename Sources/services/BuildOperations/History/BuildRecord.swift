import OCISpec
import Reporting
import SystemPackage

/// One build that is going on or is over: `build.json` in its folder.
package struct BuildRecord: Sendable, Hashable, Codable {
    package enum State: String, Sendable, Hashable, Codable {
        case running, completed, failed, canceled
        /// Its process died before it was over.
        case interrupted
    }

    /// Names the build; later ones sort after earlier ones.
    package var id: String
    /// What was built: the first tag, else the target or the context.
    package var name: String
    package var context: String
    package var target: String?
    /// When it began, and when it was over; RFC 3339.
    package var createdAt: String
    package var finishedAt: String?
    package var state = State.running
    /// Why it failed, in one line.
    package var error: String?
    /// Steps that are over, and those among them that the cache knew.
    package var stepCount = 0
    package var cachedCount = 0
    package var image: String?

    /// In nanoseconds since 1970.
    var began: Int64 { (try? Timestamp(createdAt))?.epochNanoseconds ?? 0 }

    init(_ request: BuildRequest, id: String, at time: Timestamp) {
        self.id = id
        context =
            switch request.context {
            case .directory(let path): path.string
            case .stream: "-"
            case .remote(let address): ShownAddress.hidingCredentials(address)
            }
        target = request.target
        name = request.tags.first?.familiar ?? request.target ?? context
        createdAt = time.text
    }

    /// How long it took, or takes so far.
    package var seconds: Double {
        guard let start = try? Timestamp(createdAt) else { return 0 }
        // A time that can't be read counts as now.
        let end = finishedAt.flatMap { try? Timestamp($0) } ?? .now
        return Double(max(0, end.epochNanoseconds - start.epochNanoseconds)) / 1e9
    }
}
