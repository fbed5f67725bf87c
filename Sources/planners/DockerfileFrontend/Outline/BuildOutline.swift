public import Reporting

/// What a build takes from outside: `--call=outline`.
public struct BuildOutline: Hashable, Sendable {
    /// The target's name; empty for a stage without one.
    public var name: String
    /// What the comment above the target's FROM says of it.
    public var description: String
    public var arguments: [Argument] = []
    public var secrets: [Need] = []
    public var sshAgents: [Need] = []

    /// A build argument.
    public struct Argument: Hashable, Sendable {
        public var name: String
        /// What the comment above ARG says of it.
        public var description: String
        /// What it is without or with `--build-arg`; empty where it is nothing.
        public var value: String
        /// The ARG instruction.
        public var range: SourceRange
    }

    /// A secret or an agent that RUN asks for.
    public struct Need: Hashable, Sendable {
        public var name: String
        public var isRequired: Bool
        /// The RUN instruction.
        public var range: SourceRange
    }
}

/// A stage that can be built: `--call=targets`.
public struct BuildTarget: Hashable, Sendable {
    /// Empty for a stage without one.
    public var name: String
    /// Whether it is built when nobody says `--target`.
    public var isDefault: Bool
    public var description: String
    /// FROM's reference and platform as they are written.
    public var base: String
    public var platform: String
    public var range: SourceRange
}
