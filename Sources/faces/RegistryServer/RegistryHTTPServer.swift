import ByteStreams
import LinuxSystem
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
package import RegistryService
import Reporting
import SystemPackage

/// What a registry's server is told.
package struct RegistryHTTPSettings: Sendable {
    /// A name or an address of this machine.
    package var host = "127.0.0.1"
    /// 0 for any that is free.
    package var port = 5000
    package var certificates: ServerCertificate?
    /// Who may come in; everybody, where it is nil.
    package var authorization: BasicAuthorization?
    /// Takes a line for each request; nil where nobody wants them.
    package var log: (@Sendable (String) -> Void)?

    package init() {}
}

/// Serves a registry over HTTP/1.1, with or without TLS, until it is stopped.
package final class RegistryHTTPServer: Sendable {
    typealias Client = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private let registry: Registry
    private let settings: RegistryHTTPSettings
    private let listener: NIOAsyncChannel<Client, Never>
    private let group: MultiThreadedEventLoopGroup
    private let connections = ConnectionTable()
    private let door: Door

    /// How many connections there may be at a time.
    private static let capacity = 512
    /// How often connections and uploads are looked at.
    private static let beat = Duration.seconds(2)

    /// Starts to listen.
    package init(_ registry: Registry, _ settings: RegistryHTTPSettings) async throws {
        self.registry = registry
        self.settings = settings
        door = Door(registry, settings)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let tls = settings.certificates?.context
        do {
            listener = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.recvAllocator, value: Self.receiving)
                .bind(host: settings.host, port: settings.port) { channel in
                    channel.eventLoop.makeCompletedFuture { try Self.client(channel, tls) }
                }
        } catch {
            try? await group.shutdownGracefully()  // the first error is the one to tell
            throw PlainFailure(.unavailable, "cannot listen on \(settings.host):\(settings.port): \(Self.words(error))")
        }
    }

    /// Where the server is, as in the front of its addresses.
    package var address: String {
        let place = listener.channel.localAddress
        let host = place?.ipAddress ?? settings.host
        let port = place?.port ?? settings.port
        return (settings.certificates == nil ? "http" : "https") + "://"
            + (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
    }

    private static let receiving = AdaptiveRecvByteBufferAllocator(minimum: 4_096, initial: 16_384, maximum: 524_288)

    /// The handlers of a connection.
    private static func client(_ channel: any Channel, _ tls: NIOSSLContext?) throws -> Client {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16_384
        limits.maxHeaderListSize = 65_536
        limits.maxHeaderFieldCount = 100
        let handlers = channel.pipeline.syncOperations
        if let tls { try handlers.addHandler(NIOSSLServerHandler(context: tls)) }
        try handlers.addHandler(HTTPResponseEncoder())
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .dropBytes,
            informationalResponseStrategy: .drop,
            limitConfiguration: limits
        )
        try handlers.addHandler(ByteToMessageHandler(decoder))
        try handlers.addHandler(NIOHTTPResponseHeadersValidator())
        try handlers.addHandler(HTTPServerProtocolErrorHandler())
        return try Client(
            wrappingChannelSynchronously: channel,
            configuration: .init(backPressureStrategy: .init(lowWatermark: 2, highWatermark: 8))
        )
    }

    /// Serves until `stop` was called and what was under way has ended.
    package func run() async throws {
        defer { registry.close() }
        // To the end: it is what ends those who stay when the server stops.
        let beats = Task { await self.keepTime() }
        defer { beats.cancel() }
        do {
            try await listener.executeThenClose { clients in
                try await withThrowingDiscardingTaskGroup { tasks in
                    for try await client in clients {
                        guard let connection = self.connections.add(client.channel, limit: Self.capacity) else {
                            tasks.addTask { try? await client.executeThenClose { _, _ in } }  // closed all the same
                            continue
                        }
                        tasks.addTask { [door, connections] in
                            await Conversation(client, door, connection).run()
                            connections.remove(connection)
                        }
                    }
                }
            }
        } catch  where connections.isStopping {}  // the listener was closed
        try await group.shutdownGracefully()
    }

    /// Takes no more connections, ends those that rest, and gives the others a while.
    package func stop() {
        connections.stop()
        listener.channel.close(promise: nil)
    }

    /// Ends connections that keep the server waiting, and uploads that rest.
    private func keepTime() async {
        while !Task.isCancelled {
            connections.closeLate()
            await door.pool.run { [registry] in registry.sweep() }
            try? await Task.sleep(for: Self.beat)  // cancelled: the loop ends
        }
    }

    private static func words(_ error: any Error) -> String {
        (error as? IOError).map { Errno(rawValue: $0.errnoCode).description } ?? "\(error)"
    }
}
