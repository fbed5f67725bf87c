public import BuildDefinition
public import OCISpec
public import Reporting

/// A build as a plan: what is to be done, and what the image will say about itself.
public struct LoweredBuild: Sendable {
    public var graph: BuildGraph
    /// The file system of the image; nil is an image without layers.
    public var result: Edge?
    /// The image's config, without its layers, its history and its time.
    public var config: ImageConfig
    /// The image's history, that of its base first.
    public var history: [HistoryTemplate]
    /// The findings of the checks, those that need no variables included.
    public var warnings: [Diagnostic]
    /// What the build takes from outside.
    public var outline: BuildOutline
}

/// An entry of an image's history, before its time is known.
public struct HistoryTemplate: Hashable, Sendable {
    public var createdBy: String
    public var comment: String?
    public var isEmptyLayer: Bool
    /// The vertex that makes the layer; nil for an entry without one.
    public var vertex: VertexID?
    /// The entry as it stands in the base image's config, which is kept as it is.
    public var inherited: History?

    init(createdBy: String, vertex: VertexID? = nil) {
        self.createdBy = createdBy
        comment = "buildkit.dockerfile.v0"
        self.vertex = vertex
        isEmptyLayer = vertex == nil
    }

    init(inherited: History) {
        self.inherited = inherited
        createdBy = inherited.createdBy ?? ""
        comment = inherited.comment
        isEmptyLayer = inherited.isEmptyLayer
    }
}
