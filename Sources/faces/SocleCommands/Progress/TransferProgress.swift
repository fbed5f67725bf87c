import Reporting

/// Layers on their way, as Docker shows them: a line a layer, which is drawn again on a terminal, and where there is none each
/// new stage once.
struct TransferProgress: ProgressRenderer {
    private struct Layer {
        var title: String
        var stage = ""
        var done: Int64?
        var total: Int64?
    }

    private let redraws: Bool
    private var columns = 80
    private var rows = 24
    /// In the order in which they came.
    private var order: [ProgressEvent.TaskID] = []
    private var layers: [ProgressEvent.TaskID: Layer] = [:]
    /// Lines that stand above the cursor and are drawn again.
    private var drawn = 0

    init(redraws: Bool) { self.redraws = redraws }

    var ticks: Bool { redraws }

    mutating func resize(rows: Int, columns: Int) { (self.rows, self.columns) = (rows, columns) }

    mutating func render(_ events: [(event: ProgressEvent, time: Duration)], now: Duration) -> String {
        var lines = ""
        var notes = ""
        for (event, _) in events {
            switch event {
            case .started(let id, let title):
                order.append(id)
                layers[id] = Layer(title: title)
            case .part(let id, let part): lines += take(part, of: id)
            case .finished(let id, let outcome): lines += finish(id, outcome)
            case .note(let text): notes += text + "\n"
            default: break
            }
        }
        return redraws ? draw(below: notes) : lines + notes
    }

    mutating func finish(now: Duration) -> String { redraws ? draw(below: "") : "" }

    private mutating func take(_ part: ProgressEvent.Part, of id: ProgressEvent.TaskID) -> String {
        guard let layer = layers[id] else { return "" }
        let isNew = layer.stage != part.name
        layers[id]?.stage = part.name
        layers[id]?.done = part.done
        layers[id]?.total = part.total
        // What goes on and on is only for terminals.
        return isNew && part.done == nil ? "\(layer.title): \(part.name)\n" : ""
    }

    private mutating func finish(_ id: ProgressEvent.TaskID, _ outcome: ProgressEvent.Outcome) -> String {
        guard let layer = layers[id] else { return "" }
        let words: String
        switch outcome {
        case .done where layer.stage.hasPrefix(Self.mounted): return ""
        case .done where layer.stage.isEmpty || layer.stage == Self.copying: words = "Copied"
        case .done: words = Self.outgoing.contains(layer.stage) ? "Pushed" : "Pull complete"
        case .cached: words = Self.outgoing.contains(layer.stage) ? "Layer already exists" : "Already exists"
        case .cancelled, .failed: return ""
        }
        layers[id]?.stage = words
        layers[id]?.done = nil
        return "\(layer.title): \(words)\n"
    }

    // The stages of a push, by which it can be told from a pull.
    private static let preparing = "Preparing"
    private static let outgoing = [preparing, "Pushing"]
    private static let copying = "Copying"
    private static let mounted = "Mounted from"

    // MARK: - Drawing

    /// Draws the layers again, below what else is to be said; only as many as the terminal has rows for, the last ones.
    private mutating func draw(below notes: String) -> String {
        let shown = order.filter { layers[$0]?.stage.isEmpty == false }.suffix(max(rows - 2, 1))
        if shown.isEmpty { return notes }
        var text = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        for line in notes.split(separator: "\n") { text += "\u{1B}[2K\(line)\n" }
        for id in shown {
            if let layer = layers[id] { text += "\u{1B}[2K\(line(layer))\n" }
        }
        drawn = shown.count
        return text
    }

    private func line(_ layer: Layer) -> String {
        let line = "\(layer.title): \(layer.stage) \(bar(layer))"
        return String(line.prefix(max(columns - 1, 20)))
    }

    /// `[====>      ]  12MB/34MB`; `12MB` where nobody knows of how many.
    private func bar(_ layer: Layer) -> String {
        guard let done = layer.done else { return "" }
        guard let total = layer.total, total > 0 else { return HumanSize.decimal(done) }
        let numbers = "\(HumanSize.decimal(done))/\(HumanSize.decimal(total))"
        guard columns > 110 else { return numbers }
        let filled = Int(min(done, total) * 50 / total)
        let spaces = String(repeating: " ", count: 50 - filled)
        return "[\(String(repeating: "=", count: filled))>\(spaces)]  \(numbers)"
    }
}
