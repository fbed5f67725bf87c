import OCISpec

/// What `build --call=subrequests.describe` says: which questions there are.
enum RequestsAnswer {
    private struct Request {
        var name: String
        var description: String
        var options: [(name: String, description: String)] = []
        var metadata = ["result.json", "result.txt"]
    }

    private static let requests = [
        Request(
            name: "outline",
            description: "List all parameters current build target supports",
            options: [("target", "Target build stage")]
        ),
        Request(name: "targets", description: "List all targets current build supports"),
        Request(
            name: "lint",
            description: "Lint a Dockerfile",
            metadata: ["result.json", "result.txt", "result.statuscode"]
        ), Request(name: "subrequests.describe", description: "List available subrequest types"),
    ]
    private static let version = "1.0.0"

    /// A table for people, as BuildKit prints it.
    static var text: String {
        let rows = requests.map { "\($0.name)\t\(version)\t\($0.description)\n" }
        let lines = (["NAME\tVERSION\tDESCRIPTION\n"] + rows).joined()
        return TabWriter(minimumWidth: 0, padding: 1).aligned(lines)
    }

    /// The same for programs.
    static var json: String {
        AnswerJSON.text(
            .array(
                requests.map { request in
                    AnswerJSON.object([
                        ("name", .string("frontend.\(request.name)")), ("version", .string(version)),
                        ("type", .string("rpc")), ("description", .string(request.description)),
                        ("opts", .array(request.options.map { named($0.name, $0.description) })),
                        ("metadata", .array(request.metadata.map { named($0) })),
                    ])
                }
            )
        )
    }

    private static func named(_ name: String, _ description: String = "") -> JSONValue {
        AnswerJSON.object([("name", .string(name)), ("description", .string(description))])
    }
}
