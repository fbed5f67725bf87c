import BuildDefinition
public import DockerfileSyntax
import Reporting

extension Lowerer {
    /// What the target takes from outside, after everything was planned.
    func outline() -> BuildOutline {
        let stage = dockerfile.stages[reach.target]
        var outline = BuildOutline(
            name: stage.name ?? "",
            description: stage.name.flatMap(stage.instruction.comment(on:)) ?? ""
        )
        var seen: Set<String> = []
        // The target's own come first, then those of what it is built on and copies from, the nearest first.
        for index in reach.order.reversed() {
            outline.arguments += ledger.arguments(of: index, seen: &seen)
        }
        outline.arguments = outline.arguments.enumerated().sorted {
            ($0.element.range.start, $0.offset) < ($1.element.range.start, $1.offset)
        }.map(\.element)
        for vertex in graph.vertices {
            guard case .run(let operation) = vertex.operation, let range = vertex.range else { continue }
            for mount in operation.mounts { note(mount, range, in: &outline) }
        }
        return outline
    }

    private func note(_ mount: RunMount, _ range: SourceRange, in outline: inout BuildOutline) {
        switch mount.source {
        case .secret(let id, _, let isRequired):
            guard !outline.secrets.contains(where: { $0.name == id }) else { return }
            outline.secrets.append(BuildOutline.Need(name: id, isRequired: isRequired, range: range))
        case .ssh(let id, let isRequired):
            guard !outline.sshAgents.contains(where: { $0.name == id }) else { return }
            outline.sshAgents.append(BuildOutline.Need(name: id, isRequired: isRequired, range: range))
        default: break
        }
    }

    /// Notes an ARG of a stage.
    mutating func note(
        _ assignment: Assignment,
        named name: String,
        value: String?,
        in instruction: Instruction,
        _ stage: Stage
    ) {
        let isOwn = assignment.value != nil || options.buildArguments[name] != nil
        let argument = BuildOutline.Argument(
            name: name,
            description: instruction.comment(on: name) ?? "",
            value: value ?? "",
            range: instruction.range
        )
        // A name alone that is known for all is an argument of the whole file.
        ledger.note(name, isOwn || reach.scope.values[name] == nil ? argument : nil, in: stage.index)
    }

    /// Notes the variables of a stage's FROM.
    mutating func noteBase(of stage: Stage) {
        let words = [stage.from.reference] + (stage.from.platform.map { [$0] } ?? [])
        for word in words {
            // What can't be expanded was reported as an error.
            let used = (try? expander.expand(word.text) { reach.scope.values[$0] })?.used ?? []
            ledger.use(used, in: stage.index)
        }
    }
}

extension Dockerfile {
    /// The stages that can be built, in the order of the file.
    public var targets: [BuildTarget] {
        stages.map { stage in
            BuildTarget(
                name: stage.name ?? "",
                isDefault: stage.index == stages.count - 1,
                description: stage.name.flatMap(stage.instruction.comment(on:)) ?? "",
                base: stage.from.reference.text,
                platform: stage.from.platform?.text ?? "",
                range: stage.instruction.range
            )
        }
    }
}
