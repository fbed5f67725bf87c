import Reporting

/// A template that can't be read, or that asks its value for something that isn't there.
struct TemplateError: Failure, Hashable {
    enum Stage: Sendable, Hashable {
        /// The text isn't a template.
        case parsing
        /// The template doesn't fit the value.
        case executing
    }

    var stage: Stage
    /// As Go's text/template says it: `template: :1:2: executing "" at <.Foo>: …`.
    var description: String
    var kind: FailureKind { .invalidArgument }

    init(_ stage: Stage, _ description: String) {
        self.stage = stage
        self.description = description
    }
}
