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

        var target: SocketAddress? { IPAddress(address).map { SocketAddress($0, port: container.number) } }
    }

    package var routes: [Route]
    /// The network namespace from which the container can be reached, as a path; nil is the host's.
    package var namespace: String?

    package init(routes: [Route], namespace: String? = nil) {
        self.routes = routes
        self.namespace = namespace
    }
}
