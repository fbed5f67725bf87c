package import ByteStreams
import CompressionCodecs
import ContainerRuntime
import LayerTransfer
import LinuxSystem
package import Reporting
import SystemPackage

/// A copy that can't be, whatever the container says to it.
package struct CopyRefusal: Failure, Hashable {
    package var kind: FailureKind { .invalidArgument }
    package var description: String

    init(_ description: String) { self.description = description }
}

/// What `cp` is asked for.
package struct CopyOptions: Sendable, Hashable {
    /// Whether a link that is named itself is followed.
    package var followsLink = false
    /// Whether files that leave a container keep their owners; they become the caller's else.
    package var keepsOwners = false

    package init() {}
}

extension Containers {
    /// `cp CONTAINER:PATH -`: an archive; how many bytes the files have.
    @discardableResult
    package func copyOut(
        _ name: String,
        _ path: String,
        _ options: CopyOptions,
        to sink: any ByteSink
    ) throws -> Int64 {
        let side = try files(ofNamed: name, path)
        defer { side.finish() }
        let source = try source(in: side, name, path, options)
        let mounts = side.mounts
        return try TreeTransfer.pack(
            source.tree,
            as: PathBytes(source.name == "/" ? "" : source.name),
            to: sink,
            enters: { mounts.contains($0.identity) }
        ).bytes
    }

    /// `cp CONTAINER:PATH PATH`; `target` is absolute. How many bytes the files have.
    @discardableResult
    package func copyOut(
        _ name: String,
        _ path: String,
        _ options: CopyOptions,
        to target: String
    ) throws -> Int64 {
        let host = try CopySide.host()
        let target = CopyPath.absolute(target)
        try Self.checkOutput(target, on: host)
        let side = try files(ofNamed: name, path)
        defer { side.finish() }
        let source = try source(in: side, name, path, options)
        let plan = try Self.plan(source.tree.status, source.name, try host.destination(target).place)
        guard let folder = try host.directory(plan.folder) else { throw Self.missing(plan.folder) }
        var place = TreeTarget(folder)
        place.keepsOwners = options.keepsOwners
        place.shownFolder = ContainerPath.cleaned(plan.folder)
        place.shownRoot = place.shownFolder == "/" ? "" : place.shownFolder
        let mounts = side.mounts
        do throws(LayerError) {
            return try TreeTransfer.copy(
                source.tree,
                as: PathBytes(plan.name),
                into: place,
                enters: { mounts.contains($0.identity) }
            ).bytes
        } catch {
            if case .unsupported(let reason) = error.reason { throw CopyRefusal(reason) }
            throw error
        }
    }

    /// `cp PATH CONTAINER:PATH`; `source` is absolute. How many bytes the files have.
    @discardableResult
    package func copyIn(_ source: String, _ name: String, _ path: String, _ options: CopyOptions) throws -> Int64 {
        let host = try CopySide.host()
        guard let found = try host.source(CopyPath.absolute(source), followsLink: options.followsLink) else {
            throw CopyRefusal("lstat \(ContainerPath.cleaned(source)): no such file or directory")
        }
        let container = try container(name, path)
        let side = try files(of: container)
        defer { side.finish() }
        let plan = try Self.plan(found.tree.status, found.name, try Self.destination(in: side, name, path))
        let target = try target(plan.folder, in: side, of: container, name, path)
        tell("extract-to-dir", container, ["path": plan.folder])
        return try TreeTransfer.copy(found.tree, as: PathBytes(plan.name), into: target, enters: { _ in true }).bytes
    }

    /// `cp - CONTAINER:PATH`: unpacks an archive, compressed or not. How many bytes its files have.
    @discardableResult
    package func copyIn(from archive: any ByteSource, _ name: String, _ path: String) throws -> Int64 {
        let container = try container(name, path)
        let side = try files(of: container)
        defer { side.finish() }
        let place = try Self.destination(in: side, name, path)
        guard place.isDirectory else {
            throw CopyRefusal("destination \"\(name):\(path)\" must be a directory")
        }
        let target = try target(place.path, in: side, of: container, name, path)
        tell("extract-to-dir", container, ["path": place.path])
        return try TreeTransfer.unpack(try Decompressor.detecting(archive).1, into: target).bytes
    }

    // MARK: - Parts

    private static func plan(
        _ status: FileStatus,
        _ name: String,
        _ destination: CopyDestination
    ) throws(CopyRefusal) -> CopyPlan {
        do throws(CopyPlan.Refusal) {
            return try CopyPlan(
                sourceIsDirectory: status.kind == .directory,
                name: name,
                destination: destination
            )
        } catch { throw CopyRefusal(error.rawValue) }
    }

    private func container(_ name: String, _ path: String) throws -> Container {
        if path.isEmpty { throw PlainFailure(.invalidArgument, "bad parameter: path cannot be empty") }
        do { return try find(name) } catch let failure as any Failure where failure.kind == .notFound {
            throw Self.missing(name, path)
        }
    }

    private func files(ofNamed name: String, _ path: String) throws -> CopySide { try files(of: container(name, path)) }

    private func source(
        in side: borrowing CopySide,
        _ name: String,
        _ path: String,
        _ options: CopyOptions
    ) throws -> NamedSource {
        let place = CopyPath.absolute(path)
        guard var found = try side.source(place, followsLink: options.followsLink) else {
            throw Self.missing(name, path)
        }
        found.tree.owners = side.owners
        tell("archive-path", try find(name), ["path": place])
        return found
    }

    private static func destination(
        in side: borrowing CopySide,
        _ name: String,
        _ path: String
    ) throws -> CopyDestination {
        let (place, kind) = try side.destination(CopyPath.absolute(path))
        if let what = oddity(kind) {
            throw CopyRefusal("destination \"\(name):\(path)\" must be a directory or a regular file: \(what)")
        }
        return place
    }

    private func target(
        _ folder: String,
        in side: borrowing CopySide,
        of container: Container,
        _ name: String,
        _ path: String
    ) throws -> TreeTarget {
        guard try side.directory(folder) != nil else {
            guard try side.destination(folder).place.exists else { throw Self.missing(name, folder) }
            throw PlainFailure(.invalidArgument, "extraction point is not a directory")
        }
        let points = container.document.mountPoints
        let mount = points.filter { folder == $0.destination || folder.hasPrefix($0.destination + "/") }
            .max { $0.destination.utf8.count < $1.destination.utf8.count }
        if let mount, mount.device != nil, mount.content == nil, container.state.pid == nil {
            throw PlainFailure(.conflict, "volume \(mount.name ?? "") is there only while its container runs")
        }
        if let mount, mount.readOnly { throw PlainFailure(.forbidden, "mounted volume is marked read-only") }
        if mount == nil, container.document.request.readOnly {
            throw PlainFailure(.forbidden, "container rootfs is marked read-only")
        }
        var target = TreeTarget(try side.root.reopened(), folder: PathBytes(folder))
        // The host's own folders are shown as they are.
        if mount?.kind != .bind { target.owners = side.owners }
        target.shownFolder = folder
        return target
    }

    private static func missing(_ name: String, _ path: String) -> PlainFailure {
        PlainFailure(.notFound, "No such container:path: \(name):\(path)")
    }

    private static func missing(_ folder: String) -> CopyRefusal {
        CopyRefusal("invalid output path: directory \"\(folder)\" does not exist")
    }

    /// What Docker looks at of the place on the host, before anything else.
    private static func checkOutput(_ path: String, on host: borrowing CopySide) throws {
        if try host.isThroughFile(path) { throw CopyRefusal("stat \(path): not a directory") }
        let (folder, _) = CopyPath.split(path)
        guard try host.directory(folder) != nil else { throw missing(folder) }
        guard let what = oddity(try host.destination(path).kind) else { return }
        throw CopyRefusal("invalid output path: \"\(path)\" must be a directory or a regular file: \(what)")
    }

    private static func oddity(_ kind: FileStatus.Kind?) -> String? {
        switch kind {
        case .characterDevice, .blockDevice: "got a device"
        default: nil
        }
    }
}
