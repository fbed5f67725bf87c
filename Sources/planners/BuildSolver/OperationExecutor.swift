public import BuildDefinition

/// What the solver's owner does for it: remembers and carries out the operations of a graph.
///
/// Calls block and come from the solver's threads, several at once for independent vertices. `inputs` are the results of
/// the vertex's inputs in their order, nil where an input is the empty file system.
public protocol OperationExecutor: Sendable {
    /// What a vertex gives: for socle, a file system as a list of layers.
    associatedtype Output: Sendable
    /// What `recall` found out and `execute` needs again: the cache key, a planned copy.
    associatedtype Pending: Sendable

    /// Looks the vertex up in the cache. Never changes anything that a user can see.
    func recall(_ vertex: Vertex, inputs: [Output?]) throws -> Recollection<Output, Pending>

    /// Carries the operation out and remembers the result.
    ///
    /// What it starts ends when the turn's cancellation is cancelled; what it throws then counts as the cancellation.
    func execute(_ vertex: Vertex, inputs: [Output?], pending: Pending, turn: Turn) throws -> Execution<Output>
}

/// The cache's answer.
public enum Recollection<Output: Sendable, Pending: Sendable>: Sendable {
    case hit(Output)
    case miss(Pending)
}

/// What carrying out a vertex gave.
public struct Execution<Output: Sendable>: Sendable {
    public var output: Output
    /// True where the work itself showed that the result was known: the step counts as cached.
    public var wasKnown: Bool

    public init(_ output: Output, wasKnown: Bool = false) {
        self.output = output
        self.wasKnown = wasKnown
    }
}
