import OCISpec
import Reporting
import SocleEngine

/// Finds objects by name and shows them as JSON or through a template.
struct Inspection {
    private let template: Template?
    private let isJSONLines: Bool
    private let session: Session
    /// Whether containers come with what they take.
    private let showsSize: Bool

    init(format: String?, _ session: Session, showsSize: Bool = false) throws(TemplateError) {
        self.showsSize = showsSize
        isJSONLines = format == "json"
        template = try format.flatMap { $0.isEmpty || $0 == "json" ? nil : $0 }.map { text throws(TemplateError) in
            try Template(text)
        }
        self.session = session
    }

    /// Shows the objects that there are, then tells about those that there aren't.
    func show(_ names: [String], type: ObjectType?) throws -> ExitCode {
        let engine = try session.engine()
        var documents: [JSONValue] = []
        var missing: [String] = []
        for name in names {
            if let document = try find(name, type, engine) {
                documents.append(document)
            } else {
                missing.append(
                    type == .network
                        ? "Error response from daemon: network \(name) not found"
                        : "Error: No such \(type?.rawValue ?? "object"): \(name)"
                )
            }
        }
        if let template {
            for document in documents { session.output.print(try template.render(TemplateValue(document))) }
        } else if isJSONLines {
            session.output.print(JSONValue.array(documents).serialized())
        } else {
            session.output.print(documents.isEmpty ? "[]" : JSONValue.array(documents).serialized(indent: 4))
        }
        for line in missing { session.output.complain(line) }
        return missing.isEmpty ? .success : .failure
    }

    /// Containers come before images, as with Docker; nil if nothing has that name.
    private func find(_ name: String, _ type: ObjectType?, _ engine: Engine) throws -> JSONValue? {
        let finders: [(ObjectType, () throws -> JSONValue)] = [
            (.container, { try engine.inspectContainer(name, showsSize: showsSize) }), (.image, { try engine.inspectImage(name) }),
            (.network, { try engine.inspectNetwork(name) }), (.volume, { try engine.inspectVolume(name) }),
        ]
        for (kind, find) in finders where type == nil || type == kind {
            if let found = try present(find) { return found }
        }
        return nil
    }

    private func present(_ body: () throws -> JSONValue) throws -> JSONValue? {
        do { return try body() } catch let failure as any Failure where failure.kind == .notFound {
            return nil
        } catch let failure as ReferenceError where failure.kind == .invalidArgument {
            // No image can have such a name.
            return nil
        }
    }
}
