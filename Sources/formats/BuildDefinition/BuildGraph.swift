public import Reporting

/// What a build does, as a value: a graph of operations on file systems.
///
/// The graph is an arena: vertices stand in topological order, so that a vertex's inputs come before it, and an
/// identifier is an index. It knows what is to be done and to what, not how, where, or whether it was done before.
public struct BuildGraph: Hashable, Sendable {
    public private(set) var vertices: [Vertex] = []

    public init() {}

    public subscript(id: VertexID) -> Vertex {
        vertices[id]
    }

    /// Adds an operation on file systems that the graph already makes.
    ///
    /// - Parameter inputs: by position; the first is the file system below, nil stands for an empty one.
    @discardableResult
    public mutating func add(
        _ operation: Operation,
        inputs: [Edge?] = [],
        title: String,
        range: SourceRange? = nil,
        ignoresCache: Bool = false
    ) -> Edge {
        let id = vertices.count
        for case let edge? in inputs {
            precondition(edge.vertex < id, "an input comes before the vertex that uses it")
        }
        vertices.append(
            Vertex(
                id: id,
                operation: operation,
                inputs: inputs,
                title: title,
                range: range,
                ignoresCache: ignoresCache
            )
        )
        return Edge(vertex: id)
    }

    /// Adds all vertices of another graph; how much greater their identifiers are here.
    public mutating func append(_ other: BuildGraph) -> Int {
        let offset = vertices.count
        for vertex in other.vertices {
            var moved = vertex
            moved.id += offset
            moved.inputs = vertex.inputs.map { $0.map { Edge(vertex: $0.vertex + offset, output: $0.output) } }
            vertices.append(moved)
        }
        return offset
    }

    /// Gives a vertex another title; titles number the steps, and their count is known only at the end.
    public mutating func setTitle(_ title: String, of id: VertexID) {
        vertices[id].title = title
    }
}

/// Where a vertex stands in its graph.
public typealias VertexID = Int

/// One file system that a vertex makes.
public struct Edge: Hashable, Sendable {
    public var vertex: VertexID
    public var output: Int

    public init(vertex: VertexID, output: Int = 0) {
        self.vertex = vertex
        self.output = output
    }
}

/// One operation of a build and what it works on.
///
/// An image, file or run vertex makes a file system: the layers of its first input and one more (an image: its own
/// layers). What the vertex is called and where it is written never enters a cache key.
public struct Vertex: Hashable, Sendable {
    public var id: VertexID
    public var operation: Operation
    /// The file systems that the operation reads; the first is the one below, nil stands for an empty one.
    public var inputs: [Edge?]
    /// What progress calls it: `[2/3] RUN make`.
    public var title: String
    /// The instruction it comes from.
    public var range: SourceRange?
    /// Whether it is done again even if it was done before.
    public var ignoresCache: Bool

    public init(
        id: VertexID,
        operation: Operation,
        inputs: [Edge?] = [],
        title: String,
        range: SourceRange? = nil,
        ignoresCache: Bool = false
    ) {
        self.id = id
        self.operation = operation
        self.inputs = inputs
        self.title = title
        self.range = range
        self.ignoresCache = ignoresCache
    }
}
