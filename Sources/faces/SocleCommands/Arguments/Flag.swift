/// One flag of a command: its names, its line in the help, and where its value goes.
///
/// A command lists its flags once; parsing, help and the check against Docker's list all read that list.
struct Flag<Options>: Sendable {
    /// The long name, without dashes.
    var name: String
    var short: Character?
    /// The word for the value in the help (`list`, `string`); nil for a flag that is true when it stands alone.
    var valueName: String?
    /// nil keeps the flag out of the help.
    var help: String?
    /// Why the flag can't be used, for one that Docker has and socle hasn't.
    var refusal: String?
    /// Puts a value into the options.
    var store: @Sendable (inout Options, String) throws(ArgumentError) -> Void

    /// `-e, --env`, as errors name it.
    var label: String { (short.map { "-\($0), " } ?? "") + "--" + name }
}

extension Flag {
    /// A flag without a value; `--name=false` takes it back.
    static func toggle(
        _ name: String,
        short: Character? = nil,
        _ path: any (WritableKeyPath<Options, Bool> & Sendable),
        _ help: String?
    ) -> Flag {
        Flag(name: name, short: short, valueName: nil, help: help) { (options, text) throws(ArgumentError) in
            options[keyPath: path] = try Bool(argument: text)
        }
    }

    /// A flag that may stand alone (which gives `true`) and may have a value (`--name=value`).
    static func choice<Value: ArgumentValue>(
        _ name: String,
        _ path: any (WritableKeyPath<Options, Value> & Sendable),
        _ help: String?
    ) -> Flag {
        Flag(name: name, short: nil, valueName: nil, help: help) { (options, text) throws(ArgumentError) in
            options[keyPath: path] = try Value(argument: text)
        }
    }

    /// A flag with a value; the last one counts.
    static func value<Value: ArgumentValue>(
        _ name: String,
        short: Character? = nil,
        _ path: any (WritableKeyPath<Options, Value?> & Sendable),
        as valueName: String = "string",
        _ help: String?
    ) -> Flag {
        Flag(name: name, short: short, valueName: valueName, help: help) { (options, text) throws(ArgumentError) in
            options[keyPath: path] = try Value(argument: text)
        }
    }

    /// A flag with a value that has a default.
    static func value<Value: ArgumentValue>(
        _ name: String,
        short: Character? = nil,
        _ path: any (WritableKeyPath<Options, Value> & Sendable),
        as valueName: String = "string",
        _ help: String?
    ) -> Flag {
        Flag(name: name, short: short, valueName: valueName, help: help) { (options, text) throws(ArgumentError) in
            options[keyPath: path] = try Value(argument: text)
        }
    }

    /// A flag that may be given many times; every value counts.
    static func list<Value: ArgumentValue>(
        _ name: String,
        short: Character? = nil,
        _ path: any (WritableKeyPath<Options, [Value]> & Sendable),
        as valueName: String = "list",
        _ help: String?
    ) -> Flag {
        Flag(name: name, short: short, valueName: valueName, help: help) { (options, text) throws(ArgumentError) in
            options[keyPath: path].append(try Value(argument: text))
        }
    }

    /// A flag that Docker has and socle hasn't: known, so that it is refused by name and never mistaken or ignored.
    ///
    /// A flag without a value may still be turned off (`--pull=false`): that is what happens anyway.
    static func refused(
        _ name: String,
        short: Character? = nil,
        takesValue: Bool = true,
        _ why: String = "not built into this version"
    ) -> Flag {
        Flag(name: name, short: short, valueName: takesValue ? "string" : nil, help: nil, refusal: why) { _, _ in }
    }

    /// Many such flags.
    static func refused(_ names: [String], takesValue: Bool = true) -> [Flag] {
        names.map { .refused($0, takesValue: takesValue) }
    }
}

/// Lists flags one under the other.
///
/// Each is checked by the compiler alone, where a literal array would be one riddle.
@resultBuilder
enum FlagListing<Options> {
    /// What there is so far. One object all the way: an array that is handed on is copied for each of a hundred flags.
    final class Listed {
        fileprivate var flags: [Flag<Options>] = []

        fileprivate func adding(_ more: some Collection<Flag<Options>>) -> Listed {
            flags.append(contentsOf: more)
            return self
        }
    }

    static func buildExpression(_ flag: Flag<Options>) -> CollectionOfOne<Flag<Options>> { CollectionOfOne(flag) }
    static func buildExpression(_ flags: [Flag<Options>]) -> [Flag<Options>] { flags }
    static func buildPartialBlock(first: some Collection<Flag<Options>>) -> Listed {
        let listed = Listed()
        listed.flags.reserveCapacity(64)
        return listed.adding(first)
    }
    static func buildPartialBlock(accumulated: Listed, next: some Collection<Flag<Options>>) -> Listed {
        accumulated.adding(next)
    }
    static func buildFinalResult(_ listed: Listed) -> [Flag<Options>] { listed.flags }
}

extension Flag {
    /// The same flag of a command that keeps these options in a property.
    func within<Outer>(_ path: any (WritableKeyPath<Outer, Options> & Sendable)) -> Flag<Outer> {
        let store = store
        return Flag<Outer>(name: name, short: short, valueName: valueName, help: help, refusal: refusal) {
            (outer, text) throws(ArgumentError) in try store(&outer[keyPath: path], text)
        }
    }
}
