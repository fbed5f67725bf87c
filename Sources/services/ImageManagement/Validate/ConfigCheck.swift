import OCISpec

/// What is wrong with an image config that can be read.
struct ConfigCheck {
    private let config: ImageConfig
    /// How many layers the manifest has.
    private let layers: Int

    init(_ config: ImageConfig, layers: Int) {
        self.config = config
        self.layers = layers
    }

    var problems: [String] {
        var problems: [String] = []
        if config.os.isEmpty { problems.append("os is empty") }
        if config.architecture.isEmpty { problems.append("architecture is empty") }
        if config.rootfs.type != "layers" {
            problems.append("rootfs.type is \"\(config.rootfs.type)\", not \"layers\"")
        }
        if config.rootfs.diffIDs.count != layers {
            problems.append("it has \(config.rootfs.diffIDs.count) diff IDs, the manifest has \(layers) layers")
        }
        let steps = config.history.count { !$0.isEmptyLayer }
        if !config.history.isEmpty, steps != layers {
            problems.append("its history tells of \(steps) layers, the manifest has \(layers)")
        }
        let times = [config.created] + config.history.map(\.created)
        for time in Set(times.compactMap { $0 }).sorted() where (try? Timestamp(time)) == nil {
            problems.append("\"\(time)\" is no time")
        }
        return problems
    }
}
