import ImageManagement
import OCISpec
import Reporting
import SocleEngine

/// The filters of `images`.
struct ImageFilters {
    private let filters: [Filter]
    private let engine: Engine

    init(_ filters: [Filter], _ engine: Engine) {
        self.filters = filters
        self.engine = engine
    }

    func apply(_ images: [ImageSummary]) throws -> [ImageSummary] {
        let dangling = try filters.flag("dangling")
        for filter in filters where filter.name == "reference" && !WildcardPattern(filter.value).isValid {
            throw PlainFailure(.invalidArgument, "syntax error in pattern")
        }
        let before = try bound("before", images)
        let since = try bound("since", images)
        let now = Timestamp.now
        let until = try filters.filter { $0.name == "until" }.map { try Moment.parse($0.value, now: now) }.min()
        var result: [ImageSummary] = []
        for image in images {
            // As with Docker, an image that a registry has by its digest is neither: it isn't left out of either list.
            if let dangling, dangling ? !image.names.isEmpty : image.isDangling { continue }
            if let before, (image.created ?? .zero) >= before { continue }
            if let since, (image.created ?? .zero) <= since { continue }
            if let until, (image.created ?? .zero) >= until { continue }
            if let named = matching(image), try hasLabels(named) { result.append(named) }
        }
        return result
    }

    /// When the image that a filter names was made.
    private func bound(_ name: String, _ images: [ImageSummary]) throws -> Timestamp? {
        guard let filter = filters.last(where: { $0.name == name }) else { return nil }
        let id = try engine.inspectImage(filter.value)["Id"]?.text
        return images.first { $0.id.description == id }?.created ?? .zero
    }

    /// The image with those of its names that fit the patterns; nil if none does.
    private func matching(_ image: ImageSummary) -> ImageSummary? {
        let patterns = filters.filter { $0.name == "reference" }.map { WildcardPattern($0.value) }
        if patterns.isEmpty { return image }
        var image = image
        image.names = image.names.filter { name in
            patterns.contains { $0.matches(name.familiar) || $0.matches(name.familiarName) }
        }
        return image.names.isEmpty ? nil : image
    }

    private func hasLabels(_ image: ImageSummary) throws -> Bool {
        guard filters.contains(where: { $0.name == "label" }) else { return true }
        let labels = try engine.inspectImage(image.id.description)["Config"]?["Labels"]
        guard case .object(let object)? = labels else { return false }
        return filters.acceptLabels(
            Dictionary(object.members.map { ($0.key, $0.value.text ?? "") }, uniquingKeysWith: { _, last in last })
        )
    }
}
