/// What a filter answers to a call of a known number: an action, or a question about its arguments.
indirect enum FilterAnswer: Hashable, Sendable {
    case action(UInt32)
    case question(FilterQuestion, ifTrue: FilterAnswer, ifFalse: FilterAnswer)
}

/// A comparison of a word of a call's with a number.
struct FilterQuestion: Hashable, Sendable {
    var word: FilterWord
    var code: FilterInstruction.Code
    var value: UInt32
}

/// A word of `struct seccomp_data`, or some of its bits.
struct FilterWord: Hashable, Sendable {
    var offset: UInt32
    var mask: UInt32?
}
