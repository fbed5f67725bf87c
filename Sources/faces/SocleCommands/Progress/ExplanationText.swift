import BuildOperations

/// What became of the steps of a build, in words: `build --explain`.
enum ExplanationText {
    /// Values longer than this are cut: they are shown to be recognised, not to be read.
    private static let longestValue = 160

    static func text(_ steps: [StepExplanation]) -> String {
        if steps.isEmpty { return "" }
        let hits = steps.count { $0.isHit }
        let head = "Cache: \(hits) of \(steps.count) step\(steps.count == 1 ? "" : "s") cached\n"
        return head + steps.map(lines).joined()
    }

    private static func lines(_ step: StepExplanation) -> String {
        let title = " " + step.step.split(separator: "\n").joined(separator: " ")
        switch step.outcome {
        case .hit(nil): return title + ": cached\n"
        case .hit(let source?): return title + ": cached, from \(source)\n"
        case .new: return title + ": built, nothing like it was built before\n"
        case .lost: return title + ": built, its layer isn't in the store any more\n"
        case .ignored: return title + ": built, the cache was not to be used\n"
        case .changed(let changes):
            if changes.isEmpty { return title + ": built, what differs is not on record\n" }
            return title + ": built, because\n" + changes.map { "   - \(words($0))\n" }.joined()
        }
    }

    /// One difference in words.
    static func words(_ change: KeyChange) -> String {
        switch change {
        case .file(let path, .added): "\(quoted(path)) is new"
        case .file(let path, .removed): "\(quoted(path)) is gone"
        case .file(let path, .changed(let aspects)): "\(quoted(path)) changed: \(aspects.joined(separator: ", "))"
        case .moreFiles(let count): "\(count) more file\(count == 1 ? "" : "s") changed"
        case .command(let old, let new): "the command changed: \(quoted(old)) → \(quoted(new))"
        case .variable(let name, let old, let new): difference("variable \(name)", old, new)
        case .mount(let old, let new): difference("mount", old, new)
        case .setting(let name, let old, let new): difference(name, old, new)
        case .rebuilt(let step): "step \(step) was built again"
        case .otherResult(let step): "step \(step) has another result now"
        case .base(let image, let old, let new):
            difference("the base image" + (image.map { " \($0)" } ?? ""), short(old), short(new))
        }
    }

    private static func difference(_ what: String, _ old: String?, _ new: String?) -> String {
        switch (old, new) {
        case (nil, nil): what + " changed"
        case (nil, let new?): "\(what) is new: \(quoted(new))"
        case (let old?, nil): "\(what) is gone: it was \(quoted(old))"
        case (let old?, let new?): "\(what) changed: \(quoted(old)) → \(quoted(new))"
        }
    }

    private static func quoted(_ text: String) -> String {
        let cut = text.count > longestValue ? text.prefix(longestValue) + "…" : text[...]
        return GoText.quoted(String(cut))
    }

    /// The digest of a layer as people tell it from others.
    private static func short(_ digest: String?) -> String? { digest.map { String($0.prefix(19)) } }
}

extension StepExplanation {
    var isHit: Bool { if case .hit = outcome { true } else { false } }
}
