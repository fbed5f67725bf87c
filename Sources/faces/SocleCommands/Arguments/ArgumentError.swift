import Reporting

/// The user's words that can't be a value: of a flag, of a line in a file, of an operand.
struct ArgumentError: Failure, Hashable {
    var description: String
    var hint: String?
    var kind: FailureKind { .invalidArgument }

    init(_ description: String, hint: String? = nil) {
        self.description = description
        self.hint = hint
    }
}

/// A value that a word of the command line can be.
protocol ArgumentValue: Sendable {
    /// The value that `argument` stands for; the error says what is wrong with it, not where it stood.
    init(argument: String) throws(ArgumentError)
}

extension String: ArgumentValue {
    init(argument: String) { self = argument }
}

extension Bool: ArgumentValue {
    /// What Go's `strconv.ParseBool` takes.
    init(argument: String) throws(ArgumentError) {
        guard let answer = Bool(goText: argument) else {
            throw ArgumentError("strconv.ParseBool: parsing \(GoText.quoted(argument)): invalid syntax")
        }
        self = answer
    }
}

extension Int: ArgumentValue {
    init(argument: String) throws(ArgumentError) {
        try self.init(Int64(argument: argument))
    }
}

extension Int64: ArgumentValue {
    init(argument: String) throws(ArgumentError) {
        guard let value = Int64(argument) else {
            let digits = argument.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
            let isNumber = !digits.isEmpty && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            throw ArgumentError(
                "strconv.ParseInt: parsing \(GoText.quoted(argument)): "
                    + (isNumber ? "value out of range" : "invalid syntax")
            )
        }
        self = value
    }
}
