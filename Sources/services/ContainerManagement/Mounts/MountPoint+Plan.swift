import ContainerRuntime
package import Reporting

extension MountPoint {
    /// Which mounts a container gets, from its requests and its volumes: pure, nothing is made or looked at.
    ///
    /// `volumePath` says where a volume's content is; `anonymousName` makes names of 64 hexadecimal digits.
    package static func plan(
        _ requests: [MountRequest],
        volumes declared: [String],
        volumePath: (String) -> String,
        anonymousName: () -> String
    ) throws(PlainFailure) -> [MountPoint] {
        var points: [MountPoint] = []
        var taken: Set<String> = []
        var volumeFlags: Set<MountRequest> = []
        for request in requests where !(request.kind == .volume && request.source == nil && request.isShort) {
            // The same `-v` twice is one.
            if request.isShort, request.kind != .tmpfs, !volumeFlags.insert(request).inserted { continue }
            let point = try point(request, volumePath: volumePath, anonymousName: anonymousName)
            guard taken.insert(point.destination).inserted else {
                // Of several `--tmpfs` for one place, the last one counts.
                if point.kind == .tmpfs, !point.fromMountOption,
                    let index = points.firstIndex(where: { $0.destination == point.destination }),
                    points[index].kind == .tmpfs, !points[index].fromMountOption
                {
                    points[index] = point
                    continue
                }
                throw PlainFailure(.invalidArgument, "Duplicate mount point: \(point.destination)")
            }
            points.append(point)
        }
        // What a mount already covers needs no anonymous volume.
        for target in declared {
            let destination = ContainerPath.cleaned(target)
            try MountRequest.check(target: target)
            guard taken.insert(destination).inserted else { continue }
            let name = anonymousName()
            var point = MountPoint(
                kind: .volume,
                name: name,
                source: volumePath(name),
                destination: destination,
                mode: "",
                readOnly: false,
                propagation: ""
            )
            point.isAnonymous = true
            point.copiesUp = true
            points.append(point)
        }
        return points
    }

    private static func point(
        _ request: MountRequest,
        volumePath: (String) -> String,
        anonymousName: () -> String
    ) throws(PlainFailure) -> MountPoint {
        try request.check()
        var point = MountPoint(
            kind: request.kind,
            name: nil,
            source: "",
            destination: ContainerPath.cleaned(request.target),
            mode: request.mode,
            readOnly: request.readOnly,
            propagation: ""
        )
        point.fromMountOption = !request.isShort
        switch request.kind {
        case .bind:
            point.source = ContainerPath.cleaned(request.source ?? "")
            point.propagation = request.propagation ?? "rprivate"
            point.isNonRecursive = request.isNonRecursive
            point.submounts = request.submounts
            if request.makesSource, !request.isShort { point.makesSource = true }
        case .volume:
            let name = request.source ?? anonymousName()
            point.name = name
            point.source = volumePath(name)
            point.isAnonymous = request.source == nil
            if let subpath = request.subpath.map({ ContainerPath.cleaned($0).dropFirst() }), !subpath.isEmpty {
                point.subpath = String(subpath)
            }
            // A part of a volume is what it is.
            point.copiesUp = !request.withoutCopy && point.subpath == nil
            if !request.volumeLabels.isEmpty { point.labels = request.volumeLabels }
            point.device = try VolumeOptions(request.volumeOptions ?? [:], of: name)
            if request.source != nil, point.mode.isEmpty { point.mode = "z" }
        case .tmpfs:
            point.tmpfsOptions = try TmpfsOptions.merged(
                request.tmpfsOptions + (request.readOnly ? ["ro"] : [])
            )
        }
        return point
    }
}

extension ContainerPath {
    /// Whether a relative path goes up further than it went down.
    static func leadsOut(_ path: String) -> Bool {
        var depth = 0
        for step in path.split(separator: "/") where step != "." {
            depth += step == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }

    /// How many steps deep.
    static func depth(_ path: String) -> Int { path.utf8.count(where: { $0 == UInt8(ascii: "/") }) }
}
