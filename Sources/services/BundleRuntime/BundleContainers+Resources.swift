package import ContainerRuntime
internal import LinuxSystem
package import OCISpec
internal import Reporting

extension BundleContainers {
    /// Changes limits of a container that is there; what `resources` hasn't stays.
    package func update(_ id: String, _ resources: RuntimeSpec.Resources) throws(RuntimeError) {
        let folder = try open(id)
        let lock = try folder.lock()
        defer { withExtendedLifetime(lock) {} }
        let record = try folder.record()
        guard folder.status(of: record) != .stopped else { throw RuntimeError(.conflict, "container not running") }
        try LiveLimits.apply(resources, to: id, at: record.groups)
        var spec = try folder.spec()
        var linux = spec.linux ?? RuntimeSpec.Linux()
        linux.resources = (linux.resources ?? RuntimeSpec.Resources()).merged(with: resources)
        spec.linux = linux
        try folder.save(spec)
    }

    /// What a container uses now, as `events` writes it.
    package func statistics(_ id: String) throws(RuntimeError) -> JSONValue {
        let folder = try open(id)
        let record = try folder.record()
        guard folder.status(of: record) != .stopped else {
            throw RuntimeError(.conflict, "container with id \(id) is not running")
        }
        return try GroupStatistics.of(id, at: record.groups)
    }

    /// Whether the kernel has killed something in the container for want of memory.
    package func ranOutOfMemory(_ id: String) throws(RuntimeError) -> Bool {
        GroupUsage.ranOutOfMemory(id, at: try open(id).record().groups)
    }
}

extension RuntimeSpec.Resources {
    /// With what `other` has in place of what was there.
    fileprivate func merged(with other: RuntimeSpec.Resources) -> RuntimeSpec.Resources {
        var result = self
        if let memory = other.memory { result.memory = memory }
        if let cpu = other.cpu { result.cpu = cpu }
        if let pids = other.pids { result.pids = pids }
        if let blockIO = other.blockIO { result.blockIO = blockIO }
        if let unified = other.unified { result.unified = unified }
        return result
    }
}
