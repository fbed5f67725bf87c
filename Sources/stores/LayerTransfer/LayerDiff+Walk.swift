import LinuxSystem
import SystemPackage

extension LayerDiff {
    /// A walk through all names below a directory.
    struct Walk {
        /// Whether directories on which something is mounted are entered, where `mayEnter` says so. Then others may change
        /// the tree meanwhile: what is gone when the walk comes to it is left out.
        var crossesMounts = false
        var mayEnter: (FileStatus) -> Bool = { _ in false }

        private struct Level {
            /// The first one last.
            var names: [PathBytes]
            var device: UInt64
        }

        /// Visits every name in bytewise order, a directory before what is in it; where the visit says true, it goes into
        /// it.
        func walk(
            _ top: borrowing Directory,
            _ visit: (_ name: PathBytes, _ path: [UInt8], _ directory: borrowing Directory) throws(LayerError) -> Bool
        ) throws(LayerError) {
            var levels = [try system([]) { () throws(SystemError) in try level(top) }]
            var descent = try start(top)
            while let depth = levels.indices.last {
                if let name = levels[depth].names.popLast() {
                    var path = depth == 0 ? [] : descent.path.bytes + [UInt8(ascii: "/")]
                    path += name.bytes
                    guard try visit(name, path, descent.current) else { continue }
                    let device = levels[depth].device
                    let entered = try system(path) { () throws(SystemError) in try enter(name, from: device, &descent) }
                    if let entered { levels.append(entered) }
                } else {
                    levels.removeLast()
                    try system(descent.path.bytes) { () throws(SystemError) in _ = try descent.leave() }
                }
            }
        }

        /// Goes into a directory; nil where that isn't wanted, or it is gone.
        private func enter(
            _ name: PathBytes,
            from device: UInt64,
            _ descent: inout Descent
        ) throws(SystemError) -> Level? {
            if crossesMounts {
                guard let status = try descent.current.status(name), status.kind == .directory else { return nil }
                if status.device != device, !mayEnter(status) { return nil }
            }
            do throws(SystemError) { try descent.enter(name, crossesMounts: crossesMounts) } catch {
                if crossesMounts, error.errno == .noSuchFileOrDirectory { return nil }
                throw error
            }
            return try level(descent.current)
        }

        private func start(_ top: borrowing Directory) throws(LayerError) -> Descent {
            do { return try Descent(try top.reopened()) } catch { throw LayerError(.system(error)) }
        }

        private func level(_ directory: borrowing Directory) throws(SystemError) -> Level {
            Level(
                names: try directory.entries().map(\.name).sorted { $1 < $0 },
                device: crossesMounts ? try directory.status().device : 0
            )
        }
    }
}
