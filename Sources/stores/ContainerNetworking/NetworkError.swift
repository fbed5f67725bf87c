package import LinuxSystem
package import Reporting
private import SystemPackage

/// Why a network can't be made.
package struct NetworkError: Failure, Hashable {
    package enum Reason: Sendable, Hashable {
        /// The kernel refuses.
        case system(SystemError)
        /// The packet rules can't be made: what the library says.
        case rules(String)
        /// Somebody else's firewall would drop what a container sends.
        case firewall(String)
        /// Every range of addresses is in use.
        case noAddress
        /// The kernel's answer makes no sense.
        case answer(String)
    }

    package var reason: Reason

    package init(_ reason: Reason) { self.reason = reason }

    package var kind: FailureKind {
        switch reason {
        case .system(let error): error.kind
        case .rules: .unsupported
        case .firewall: .forbidden
        case .noAddress: .exhausted
        case .answer: .internal
        }
    }

    /// Whether somebody else has what was wanted.
    var isTaken: Bool {
        if case .system(let error) = reason { error.errno == .fileExists } else { false }
    }

    package var description: String {
        switch reason {
        case .system(let error): error.description
        case .rules(let text): text
        case .firewall(let name): "\(name) drops what is forwarded"
        case .noAddress: "no range of addresses is free for a network"
        case .answer(let text): text
        }
    }
}

/// Gives a system call's failure the module's type.
@discardableResult
func network<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(NetworkError) -> Result {
    do throws(SystemError) { return try body() } catch { throw NetworkError(.system(error)) }
}
