public import DockerfileSyntax
public import OCISpec
public import Reporting

/// What a build needs to know before it can be planned: the first of the frontend's two answers.
public struct Survey: Sendable {
    /// The stages that are built, in the order of the file.
    public var stages: [Int]
    /// The stage whose image is the result.
    public var target: Int
    /// The images whose configs are needed, in the order of their use.
    public var baseReferences: [BaseReference]
    /// Where each of them is named first.
    public var places: [BaseReference: SourceRange]
    /// Whether anything is taken from the build context.
    public var needsContext: Bool
    /// The paths and patterns that are taken from the build context; nil where variables hide them.
    public var contextPaths: [String]?

    var dockerfile: Dockerfile
    var options: FrontendOptions

    /// What FROM may have meant by a name that is no image: a stage nearly called so.
    public func stage(near name: String) -> String? {
        Suggestion.nearest(to: name, among: dockerfile.stages.compactMap(\.name))
    }
}

/// An image that a build begins with or copies from.
public struct BaseReference: Hashable, Sendable, CustomStringConvertible {
    public var reference: ImageReference
    public var platform: Platform

    public init(reference: ImageReference, platform: Platform) {
        self.reference = reference
        self.platform = platform
    }

    public var description: String { "\(reference.canonical) \(platform)" }
}

/// Turns a Dockerfile into a build graph and an image config. Pure: images' configs are asked for, not fetched.
public enum Frontend {
    /// Finds out what a build needs: stages, images, files of the context.
    public static func survey(_ dockerfile: Dockerfile, _ options: FrontendOptions) throws(DiagnosticsError) -> Survey {
        var reach = Reach(dockerfile, options, bases: [:])
        try reach.run()
        return Survey(
            stages: reach.order.sorted(),
            target: reach.target,
            baseReferences: reach.baseReferences,
            places: reach.places,
            needsContext: reach.needsContext,
            contextPaths: reach.contextPaths,
            dockerfile: dockerfile,
            options: options
        )
    }

    /// Plans a build with the configs of the images that it needs.
    ///
    /// An image's ONBUILD instructions may name further images; then they are asked for, and the call is made again with
    /// the configs of all.
    /// `absent` are images whose configs nobody has: what is planned on them is good for looking at, not for building.
    public static func lower(
        _ survey: Survey,
        bases: [BaseReference: ImageConfig],
        absent: Set<BaseReference> = []
    ) throws(DiagnosticsError) -> Lowering {
        var reach = Reach(survey.dockerfile, survey.options, bases: bases)
        try reach.run()
        let missing = reach.baseReferences.filter { bases[$0] == nil && !absent.contains($0) }
        guard missing.isEmpty else { return .needs(missing) }
        var lowerer = Lowerer(reach, bases: bases)
        return .lowered(try lowerer.run())
    }
}

/// What planning a build gave.
public enum Lowering: Sendable {
    /// The configs of these images are needed too.
    case needs([BaseReference])
    case lowered(LoweredBuild)
}
