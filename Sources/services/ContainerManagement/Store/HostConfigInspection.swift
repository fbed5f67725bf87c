import ContainerMonitor
import OCISpec

/// The `HostConfig` of `docker inspect`, from what the user asked for.
struct HostConfigInspection {
    var request: RunRequest
    var mounts: [MountPoint]

    var value: JSONValue {
        var value: JSONObject = [
            "Binds": binds, "ContainerIDFile": "", "LogConfig": log,
            "NetworkMode": .string(request.network.rawValue),
            "PortBindings": PortBindingsInspection.value(request.connection.ports),
            "RestartPolicy": restartPolicy, "AutoRemove": .bool(request.remove),
            "VolumeDriver": "", "VolumesFrom": list(request.volumesFrom ?? []),
            "CapAdd": capabilities(request.capabilitiesAdded), "CapDrop": capabilities(request.capabilitiesDropped),
            "CgroupnsMode": .string(request.sharing.controlGroups?.rawValue ?? "host"),
            "Dns": JSONValue(strings: request.nameServers), "DnsOptions": JSONValue(strings: request.resolverOptions),
            "DnsSearch": JSONValue(strings: request.searchDomains), "ExtraHosts": list(request.extraHosts),
            "GroupAdd": list(request.additionalGroups), "IpcMode": .string(request.sharing.ipc.rawValue), "Cgroup": "", "Links": nil,
            "OomScoreAdj": .integer(Int64(request.oomScoreAdjustment)), "PidMode": .string(request.sharing.processes.rawValue),
            "Privileged": .bool(request.privileged), "PublishAllPorts": .bool(request.connection.publishesAll),
            "ReadonlyRootfs": .bool(request.readOnly), "SecurityOpt": list(request.securityOptions),
        ]
        let tmpfs = request.mounts.filter { $0.kind == .tmpfs && $0.isShort }
        if !tmpfs.isEmpty {
            value["Tmpfs"] = .object(
                tmpfs.reduce(into: JSONObject()) { $0[$1.target] = .string($1.tmpfsOptions.joined(separator: ",")) }
            )
        }
        value["UTSMode"] = request.sharing.sharesNames ? "host" : ""
        value["UsernsMode"] = .string(request.sharing.users?.rawValue ?? "")
        value["ShmSize"] = .integer(request.sharedMemorySize ?? RuntimeDefaults.sharedMemorySize)
        if !request.sysctls.isEmpty { value["Sysctls"] = .object(JSONObject(request.sysctls)) }
        if let annotations = request.annotations { value["Annotations"] = .object(JSONObject(annotations)) }
        value["Runtime"] = .string(request.runtime ?? "socle")
        value["ConsoleSize"] = [0, 0]
        value["Isolation"] = ""
        addLimits(to: &value)
        let long = request.mounts.filter { !$0.isShort }
        if !long.isEmpty { value["Mounts"] = .array(long.map(Self.mount)) }
        let masks = request.privileged || request.securityOptions.contains("systempaths=unconfined")
        value["MaskedPaths"] = masks ? .null : JSONValue(strings: RuntimeDefaults.maskedPaths)
        value["ReadonlyPaths"] = masks ? .null : JSONValue(strings: RuntimeDefaults.readonlyPaths)
        if request.usesInit { value["Init"] = true }
        return .object(value)
    }

    private var log: JSONValue {
        let policy = request.log ?? .standard
        return ["Type": .string(policy.driver.rawValue), "Config": .object(JSONObject(policy.options))]
    }

    private var restartPolicy: JSONValue {
        let policy = request.restart ?? .never
        return ["Name": .string(policy.name.rawValue), "MaximumRetryCount": .integer(Int64(policy.maximum))]
    }

    private func addLimits(to value: inout JSONObject) {
        let limits = request.limits
        let memory = limits.memory ?? 0
        let block = limits.block ?? BlockLimits()
        let more: JSONObject = [
            "CpuShares": .integer(limits.cpuShares ?? 0), "Memory": .integer(memory),
            "NanoCpus": .integer(limits.nanoCPUs ?? 0), "CgroupParent": .string(request.controlGroupParent ?? ""), "BlkioWeight": .integer(Int64(block.weight ?? 0)),
            "BlkioWeightDevice": rates(block.weights, "Weight", empty: []),
            "BlkioDeviceReadBps": rates(block.bytesRead), "BlkioDeviceWriteBps": rates(block.bytesWritten),
            "BlkioDeviceReadIOps": rates(block.reads), "BlkioDeviceWriteIOps": rates(block.writes), "CpuPeriod": .integer(limits.cpuPeriod ?? 0),
            "CpuQuota": .integer(limits.cpuQuota ?? 0), "CpuRealtimePeriod": .integer(limits.cpuRealtimePeriod ?? 0),
            "CpuRealtimeRuntime": .integer(limits.cpuRealtimeRuntime ?? 0),
            "CpusetCpus": .string(limits.cpusetCPUs ?? ""), "CpusetMems": .string(limits.cpusetMems ?? ""),
            "Devices": .array(request.devices.map(Self.device)), "DeviceCgroupRules": list((request.deviceRules ?? []).map(\.text)), "DeviceRequests": nil,
            "KernelMemory": .integer(limits.kernelMemory ?? 0), "KernelMemoryTCP": 0, "MemoryReservation": .integer(limits.memoryReservation ?? 0),
            "MemorySwap": .integer(limits.memorySwap ?? memory.multipliedReportingOverflow(by: 2).partialValue),
            "MemorySwappiness": limits.memorySwappiness.map { .integer($0) } ?? .null, "OomKillDisable": .bool(limits.oomKillDisabled),
            "PidsLimit": limits.pids.map { .integer($0) } ?? .null,
            "Ulimits": .array(
                request.ulimits.map {
                    ["Name": .string($0.name), "Hard": .integer($0.hard), "Soft": .integer($0.soft)]
                }
            ),
            "CpuCount": 0, "CpuPercent": 0, "IOMaximumIOps": 0, "IOMaximumBandwidth": 0,
        ]
        for member in more.members { value[member.key] = member.value }
    }

    private func rates(_ rates: [BlockLimits.Rate], _ name: String = "Rate", empty: JSONValue = .null) -> JSONValue {
        if rates.isEmpty { return empty }
        return .array(
            rates.map { ["Path": .string($0.path), name: .integer(Int64(clamping: $0.value))] }
        )
    }

    private var binds: JSONValue {
        list(request.mounts.filter { $0.isShort && $0.kind != .tmpfs && $0.source != nil }.map(\.specification))
    }

    private func list(_ texts: [String]) -> JSONValue { texts.isEmpty ? .null : JSONValue(strings: texts) }

    private func capabilities(_ names: [String]) -> JSONValue {
        // They were checked when the container was made.
        list((try? CapabilityList.normalised(names, flag: "")) ?? names)
    }

    private static func device(_ device: DeviceRequest) -> JSONValue {
        [
            "PathOnHost": .string(device.host), "PathInContainer": .string(device.container),
            "CgroupPermissions": .string(device.permissions),
        ]
    }

    private static func mount(_ mount: MountRequest) -> JSONValue {
        var value: JSONObject = ["Type": .string(mount.kind.rawValue)]
        if let source = mount.source { value["Source"] = .string(source) }
        value["Target"] = .string(mount.target)
        if mount.readOnly { value["ReadOnly"] = true }
        var bind = JSONObject()
        if let propagation = mount.propagation { bind["Propagation"] = .string(propagation) }
        if mount.isNonRecursive { bind["NonRecursive"] = true }
        if mount.makesSource { bind["CreateMountpoint"] = true }
        if mount.submounts == .writable { bind["ReadOnlyNonRecursive"] = true }
        if mount.submounts == .readOnly { bind["ReadOnlyForceRecursive"] = true }
        if !bind.isEmpty { value["BindOptions"] = .object(bind) }
        var volume = JSONObject()
        if mount.withoutCopy { volume["NoCopy"] = true }
        if !mount.volumeLabels.isEmpty { volume["Labels"] = .object(JSONObject(mount.volumeLabels)) }
        if let options = mount.volumeOptions { volume["DriverConfig"] = ["Options": .object(JSONObject(options))] }
        if let subpath = mount.subpath { volume["Subpath"] = .string(subpath) }
        if !volume.isEmpty { value["VolumeOptions"] = .object(volume) }
        var options = JSONObject()
        for option in mount.tmpfsOptions {
            if option.hasPrefix("size="), let size = Int64(option.dropFirst(5)) {
                options["SizeBytes"] = .integer(size)
            }
            if option.hasPrefix("mode="), let mode = Int64(option.dropFirst(5), radix: 8) {
                options["Mode"] = .integer(mode)
            }
        }
        if !options.isEmpty { value["TmpfsOptions"] = .object(options) }
        return .object(value)
    }
}
