import ContainerMonitor
import ContainerNetworking
package import OCISpec
package import Reporting

extension ContainerConfig {
    /// Lays `request` over an image's config as Docker does, and refuses what Docker refuses: the container's `Config`.
    package init(_ request: RunRequest, over image: ContainerConfig?) throws(PlainFailure) {
        self.init()
        hostname = request.hostname ?? ""
        domainname = request.domainname ?? ""
        user = request.user ?? image?.user ?? ""
        env = Self.environment(request.environment, over: image?.env ?? [])
        (entrypoint, cmd) = Self.program(request, over: image)
        let asked = request.workingDirectory ?? ""
        workingDir = asked.isEmpty ? image?.workingDir ?? "" : asked
        labels = (image?.labels ?? [:]).merging(request.labels) { _, own in own }
        let anonymous = request.mounts.filter { $0.kind == .volume && $0.source == nil && $0.isShort }.map(\.target)
        // An image's may be relative: to the root.
        volumes = Set((image?.volumes ?? []).map { $0.hasPrefix("/") ? $0 : "/" + $0 }).union(anonymous)
        exposedPorts = (image?.exposedPorts ?? []).union(request.connection.allExposed.map(\.description))
        healthcheck = try Self.health(request.health, over: image?.healthcheck)
        shell = image?.shell
        stopSignal = try Self.stopSignal(request, over: image)
        stopTimeout = request.stopTimeout
        tty = request.terminal
        openStdin = request.interactive
        let attached = request.attachedStreams
        stdinOnce = request.interactive && attached.contains(.input)
        attachStdin = attached.contains(.input)
        attachStdout = attached.contains(.output)
        attachStderr = attached.contains(.error)
        self.image = request.image
        try check()
    }

    /// An image's may be none; `stop` takes the usual one then.
    private static func stopSignal(_ request: RunRequest, over image: ContainerConfig?) throws(PlainFailure) -> String {
        guard let own = request.stopSignal else { return image?.stopSignal ?? "" }
        if !own.isEmpty, SignalName.number(own) == nil { throw PlainFailure(.invalidArgument, "Invalid signal: \(own)") }
        return own
    }

    /// What isn't asked for is the image's.
    private static func health(_ own: Healthcheck?, over image: Healthcheck?) throws(PlainFailure) -> Healthcheck? {
        guard var check = own else { return image }
        for (name, time) in [
            ("Interval", check.interval), ("Timeout", check.timeout), ("StartPeriod", check.startPeriod),
            ("StartInterval", check.startInterval),
        ] where time != 0 && time < 1_000_000 {
            throw PlainFailure(.invalidArgument, "\(name) in Healthcheck cannot be less than 1ms")
        }
        guard let image else { return check }
        if check.test.isEmpty { check.test = image.test }
        if check.interval == 0 { check.interval = image.interval }
        if check.timeout == 0 { check.timeout = image.timeout }
        if check.startPeriod == 0 { check.startPeriod = image.startPeriod }
        if check.startInterval == 0 { check.startInterval = image.startInterval }
        if check.retries == 0 { check.retries = image.retries }
        return check
    }

    /// The test of the container's health as its monitor does it; nil for none.
    var healthPlan: HealthPlan? {
        guard let check = healthcheck, let kind = check.test.first else { return nil }
        let words = Array(check.test.dropFirst())
        var plan: HealthPlan
        switch kind {
        case "CMD": plan = HealthPlan(words)
        case "CMD-SHELL": plan = HealthPlan((shell ?? []).isEmpty ? ["/bin/sh", "-c"] + words : (shell ?? []) + words)
        default: return nil
        }
        if words.isEmpty { return nil }
        if check.interval > 0 { plan.interval = check.interval }
        if check.timeout > 0 { plan.timeout = check.timeout }
        if check.startPeriod > 0 { plan.startPeriod = check.startPeriod }
        // While it starts, it is asked no less often than later.
        plan.startInterval = check.startInterval > 0 ? check.startInterval : min(plan.startInterval, plan.interval)
        if check.retries > 0 { plan.retries = check.retries }
        return plan
    }

    /// The program and its arguments.
    package var arguments: [String] { (entrypoint ?? []) + (cmd ?? []) }

    private func check() throws(PlainFailure) {
        if arguments.isEmpty { throw PlainFailure(.invalidArgument, "No command specified") }
        if !workingDir.isEmpty, !workingDir.hasPrefix("/") {
            throw PlainFailure(
                .invalidArgument,
                "the working directory '\(workingDir)' is invalid, it needs to be an absolute path"
            )
        }
        if let name = env.first(where: { $0.hasPrefix("=") }) {
            throw PlainFailure(.invalidArgument, "environment variable name can't be empty: \(name.debugDescription)")
        }
        // Longer names are refused by the kernel, and a line end would add lines to /etc/hosts.
        for (kind, name) in [("hostname", hostname), ("domainname", domainname)]
        where name.utf8.count > 64 || name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw PlainFailure(.invalidArgument, "invalid \(kind) \(name.debugDescription)")
        }
        for text in env + arguments + [user, workingDir] where text.utf8.contains(0) {
            throw PlainFailure(.invalidArgument, "invalid value \(text.debugDescription): it contains a zero byte")
        }
    }

    /// An entrypoint of the user's makes the image's command void; `--entrypoint ""` clears both.
    private static func program(
        _ request: RunRequest,
        over image: ContainerConfig?
    ) -> (entrypoint: [String]?, command: [String]?) {
        let asked = request.entrypoint.map { $0 == [""] ? [] : $0 }
        let command = request.command.isEmpty ? nil : request.command
        if let asked { return (asked.isEmpty ? nil : asked, command) }
        return (image?.entrypoint == [""] ? nil : image?.entrypoint, command ?? image?.cmd)
    }

    /// The user's variables first, then those of the image that the user didn't set.
    private static func environment(_ own: [String], over inherited: [String]) -> [String] {
        if own.isEmpty { return inherited }
        let names = Set(own.map(EnvironmentList.name))
        return own + inherited.filter { !names.contains(EnvironmentList.name($0)) }
    }
}
