import ByteStreams
import LinuxSystem
import NIOCore
import NIOHTTP1
import RegistryService
import Reporting

/// One connection: requests and answers, one after the other.
struct Conversation {
    private let client: RegistryHTTPServer.Client
    private let door: Door
    private let connection: Connection

    typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator

    /// How much of a body that nobody wants is taken, so that who sends it reads the answer.
    private static let unwantedLimit = 8 << 20
    private static let chunkSize = 262_144
    /// What is given to the kernel at once; slow clients must take it within the connection's patience.
    private static let regionSize: Int64 = 1 << 20

    init(_ client: RegistryHTTPServer.Client, _ door: Door, _ connection: Connection) {
        self.client = client
        self.door = door
        self.connection = connection
    }

    /// Talks until one side ends it.
    func run() async {
        do {
            try await client.executeThenClose { inbound, outbound in
                var parts = inbound.makeAsyncIterator()
                while let part = try await parts.next(isolation: #isolation) {
                    guard case .head(let head) = part else { break }
                    let begun = ContinuousClock.now
                    let (answer, goesOn) = try await exchange(head, &parts, outbound)
                    log(head, answer, since: begun)
                    guard goesOn else { break }
                    connection.expectRequest()
                }
            }
        } catch {
            // Whoever broke the connection off doesn't read why.
            door.log?("connection ended: \(error)")
        }
    }

    /// One request and its answer; whether another one may follow.
    private func exchange(
        _ head: HTTPRequestHead,
        _ parts: inout Parts,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws -> (RegistryAnswer, Bool) {
        connection.work()
        let fields = head.headers.map { HeaderField($0.name, $0.value) }
        let request = RegistryRequest(method: head.method.rawValue, target: head.uri, headers: fields)
        let waits = head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        var answer: RegistryAnswer
        var isRead = false
        switch await door.react(to: request, target: head.uri) {
        case .answer(let immediate): answer = immediate
        case .receive(let receiver):
            (answer, isRead) = try await receive(receiver, &parts) {
                if waits { try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: .continue))) }
            }
        }
        // Who waits for leave to send a body, and gets another answer, may send it or not: nobody can tell what comes next.
        let goesOn = head.isKeepAlive && (isRead || !waits)
        try await send(answer, to: head, goesOn: goesOn, outbound)
        if !goesOn { return (answer, false) }
        if isRead { return (answer, true) }
        return (answer, try await drain(&parts))
    }

    /// Asks for a body and hands it on; the answer to it, and whether all of it was read.
    private func receive(
        _ receiver: any BodyReceiver,
        _ parts: inout Parts,
        asking ask: () async throws -> Void
    ) async throws -> (RegistryAnswer, Bool) {
        do {
            connection.expectProgress()
            try await ask()
            while true {
                connection.expectProgress()
                let part = try await parts.next(isolation: #isolation)
                connection.work()
                switch part {
                case .body(let buffer):
                    let refusal = await door.pool.run { () -> RegistryRefusal? in
                        buffer.withUnsafeReadableBytes { bytes in
                            do {
                                try receiver.take(bytes.bindMemory(to: UInt8.self).span)
                                return nil
                            } catch { return RegistryRefusal(error) }
                        }
                    }
                    if let refusal {
                        receiver.abandon()
                        return (refusal.answer, false)
                    }
                case .end:
                    let answer = await door.pool.run { () -> RegistryAnswer in
                        do { return try receiver.finish() } catch {
                            door.log?("failed: \(error)")
                            return RegistryRefusal(error).answer
                        }
                    }
                    return (answer, true)
                case .head, nil: throw ChannelError.inputClosed
                }
            }
        } catch {
            receiver.abandon()
            throw error
        }
    }

    /// Reads what is left of a body; false where that would take too long.
    private func drain(_ parts: inout Parts) async throws -> Bool {
        var count = 0
        while true {
            connection.expectProgress()
            switch try await parts.next(isolation: #isolation) {
            case .body(let buffer):
                count += buffer.readableBytes
                if count > Self.unwantedLimit { return false }
            case .end: return true
            case .head, nil: return false
            }
        }
    }

    private func send(
        _ answer: RegistryAnswer,
        to head: HTTPRequestHead,
        goesOn: Bool,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
        headers.add(name: "Docker-Distribution-Api-Version", value: "registry/2.0")
        headers.add(name: "X-Content-Type-Options", value: "nosniff")
        headers.add(name: "Content-Length", value: String(answer.length))
        if !goesOn { headers.add(name: "Connection", value: "close") }
        let first = HTTPServerResponsePart.head(
            HTTPResponseHead(version: head.version, status: .init(statusCode: answer.status), headers: headers)
        )
        connection.expectProgress()
        switch answer.body {
        case _ where head.method == .HEAD: try await outbound.write(contentsOf: [first, .end(nil)])
        case .bytes(let bytes):
            let body = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))
            try await outbound.write(contentsOf: bytes.isEmpty ? [first, .end(nil)] : [first, body, .end(nil)])
        case .blob(let blob):
            try await outbound.write(first)
            try await door.encrypts ? copy(blob, outbound) : sendFile(blob)
            try await outbound.write(.end(nil))
        }
        connection.work()
    }

    /// Reads a blob and writes it.
    private func copy(
        _ blob: OpenBlob,
        _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        var place = blob.offset
        let end = blob.offset + blob.count
        while place < end {
            let (start, count) = (place, Int(min(end - place, Int64(Self.chunkSize))))
            let bytes = try await door.pool.run { try DescriptorIO.read(blob.file.raw, at: start, count: count) }
            guard !bytes.isEmpty else { throw ChannelError.eof }
            connection.expectProgress()
            try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
            place += Int64(bytes.count)
        }
    }

    /// Has the kernel write a blob.
    private func sendFile(_ blob: OpenBlob) async throws {
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: blob.file.raw)
        // The descriptor is the blob's, which is kept to here.
        defer { withExtendedLifetime(blob) { _ = try? handle.takeDescriptorOwnership() } }
        var place = blob.offset
        let end = blob.offset + blob.count
        while place < end {
            let next = min(end, place + Self.regionSize)
            let region = FileRegion(fileHandle: handle, readerIndex: Int(place), endIndex: Int(next))
            connection.expectProgress()
            try await client.channel.writeAndFlush(HTTPServerResponsePart.body(.fileRegion(region))).get()
            place = next
        }
    }

    private func log(_ head: HTTPRequestHead, _ answer: RegistryAnswer, since begun: ContinuousClock.Instant) {
        guard let log = door.log else { return }
        // The address alone: no field of the head, and no query, of which some might be secret.
        let path = ShownText.line(String(head.uri.prefix { $0 != "?" }.prefix(300)))
        let time = (ContinuousClock.now - begun) / Duration.milliseconds(1)
        log("\(head.method.rawValue) \(path) \(answer.status) \(answer.length) \(Int(time))ms")
    }
}
