internal import LinuxSystem
package import SystemPackage

/// Which ports of the host's are passed on to a container by a program, and where to.
package struct RelayPlan: Codable, Sendable, Hashable {
    /// One port.
    package struct Route: Codable, Sendable, Hashable {
        /// Which of the descriptors that are held listens there.
        package var listener: Int
        package var container: ContainerPort
        /// The container's address.
        package var address: String

        package init(listener: Int, container: ContainerPort, address: String) {
            self.listener = listener
            self.container = container
            self.address = address
        }

        func target(at address: String) -> SocketAddress? {
            IPAddress(address).map { SocketAddress($0, port: container.number) }
        }
    }

    package var routes: [Route]
    /// The network namespace from which the container can be reached, as a path; nil is the host's.
    package var namespace: String?
    /// The container's folder, where its new address is found when it moves; nil where it never does.
    package var folder: String?

    package init(routes: [Route], namespace: String? = nil) {
        self.routes = routes
        self.namespace = namespace
    }

    private static let place: PathBytes = "relay"

    /// Says where a container is now: an address; nil is nowhere.
    package static func move(to address: String?, in folder: FilePath) throws {
        let file = try Directory.open(folder).temporaryFile(mode: 0o600)
        try DescriptorIO.write(file.descriptor.raw, Array((address ?? "").utf8).span)
        try file.link(as: place, replace: true)
    }

    /// Forgets that it moved.
    package static func settle(in folder: FilePath) { try? Directory.open(folder).remove(place) }

    /// Where a port leads now; nil where it leads nowhere.
    func target(of route: Route) -> SocketAddress? {
        guard let folder, let bytes = try? Directory.open(FilePath(folder)).readInRoot(Self.place, limit: 64) else {
            return route.target(at: route.address)
        }
        return route.target(at: String(decoding: bytes, as: UTF8.self))
    }
}
