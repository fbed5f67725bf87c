import ByteStreams
import LinuxSystem
package import OCISpec

/// Who stands behind a repository, as Docker Hub says it.
package enum Publisher: String, Sendable, Hashable, CaseIterable {
    /// One of Docker's official images: everything below `docker.io/library`.
    case official
    /// A company that Docker has verified.
    case verified
    /// An open source project that Docker sponsors.
    case sponsored
    /// Anybody.
    case none

    /// What the name alone says: the official images; nil where Docker Hub would have to be asked.
    ///
    /// On other registries nobody says anything about publishers.
    package init?(byNameOf image: ImageReference) {
        guard image.domain == "docker.io" else {
            self = .none
            return
        }
        guard image.path.hasPrefix("library/") else { return nil }
        self = .official
    }

    /// Reads Docker Hub's answer about a namespace.
    package init?(hubAnswer bytes: [UInt8]) {
        guard let document = try? JSONValue(parsing: bytes), case .object = document else { return nil }
        self =
            switch document["badge"]?.text {
            case "official": .official
            case "verified_publisher": .verified
            case "open_source": .sponsored
            default: .none
            }
    }
}

/// Asks Docker Hub who publishes an image, beside other work; it needs no account for that.
package final class PublisherQuestion: Sendable {
    private enum State { case open, answered(Publisher?) }

    private static let answerLimit = 256 << 10
    private let state: Guarded<State>
    private let cancellation = Cancellation()

    /// Asks, where the name alone doesn't say it and Docker Hub could know.
    package init(_ image: ImageReference, transport: any HTTPTransport) {
        let state = Guarded(State.open)
        self.state = state
        guard Publisher(byNameOf: image) == nil else {
            state.update { $0 = .answered(nil) }
            return
        }
        let request = HTTPRequest(
            "https://hub.docker.com/v2/orgs/\(image.path.prefix { $0 != "/" })/",
            headers: [HTTPHeader("Accept", "application/json")],
            cancellation: cancellation
        )
        let hasStarted = DetachedThread.start {
            let bytes = try? transport.get(request).body.readAll(limit: Self.answerLimit)
            state.update { $0 = .answered(bytes.flatMap { Publisher(hubAnswer: $0) }) }
        }
        if !hasStarted { state.update { $0 = .answered(nil) } }
    }

    /// The answer; nil where nobody knows, nobody could be asked, or it takes longer from now on.
    package func answer(withinMilliseconds limit: Int) -> Publisher? {
        var left = limit
        while true {
            if case .answered(let publisher) = state.update({ $0 }) { return publisher }
            guard left > 0 else { return nil }
            Pause.milliseconds(10)
            left -= 10
        }
    }

    /// Nobody wants to know any more.
    package func callOff() { cancellation.cancel() }
}
