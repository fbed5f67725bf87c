/// What `--chmod` says: permissions, or changes to those that a file has.
public struct ModeChange: Hashable, Sendable, CustomStringConvertible {
    fileprivate enum Change: Hashable, Sendable {
        case absolute(UInt32)
        case symbolic([Clause])
    }

    /// One clause of a symbolic change: `u=rwX`, `go+x`.
    fileprivate struct Clause: Hashable, Sendable {
        /// The permission bits of the named classes, with their special bits (04700, 02070, 01007).
        var reach: UInt32
        /// `+`, `-` or `=` with what follows it.
        var steps: [Step]
    }

    fileprivate struct Step: Hashable, Sendable {
        var sign: UInt8
        var bits: UInt32
        /// `X`: execution for directories and for what somebody may already execute.
        var conditionalExecute: Bool
        /// `g=u`: the class whose permissions are copied, by its shift.
        var copiedShift: UInt32?
    }

    private var change: Change
    /// As it was written.
    public var description: String

    /// Reads an octal number up to 07777 or a symbolic change; nil if the text is neither.
    public init?(_ text: String) {
        description = text
        if let first = text.utf8.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") {
            guard let mode = UInt32(text, radix: 8), mode <= 0o7777 else { return nil }
            change = .absolute(mode)
        } else {
            guard !text.isEmpty, let clauses = Self.clauses(of: Array(text.utf8)) else { return nil }
            change = .symbolic(clauses)
        }
    }

    /// The permissions, if they don't depend on the file's own.
    public var absolute: UInt32? {
        if case .absolute(let mode) = change { mode } else { nil }
    }

    /// The permissions (07777) of a file that had `mode`.
    public func applied(to mode: UInt32, isDirectory: Bool) -> UInt32 {
        switch change {
        case .absolute(let mode): return mode
        case .symbolic(let clauses):
            var result = mode & 0o7777
            for clause in clauses {
                for step in clause.steps { step.apply(to: &result, reach: clause.reach, isDirectory: isDirectory) }
            }
            return result
        }
    }

    private static func clauses(of text: [UInt8]) -> [Clause]? {
        var clauses: [Clause] = []
        for part in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard let clause = clause(of: part) else { return nil }
            clauses.append(clause)
        }
        return clauses
    }

    private static func clause(of text: ArraySlice<UInt8>) -> Clause? {
        var rest = text
        var reach: UInt32 = 0
        classes: while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "u"): reach |= 0o4700
            case UInt8(ascii: "g"): reach |= 0o2070
            case UInt8(ascii: "o"): reach |= 0o1007
            case UInt8(ascii: "a"): reach |= 0o7777
            default: break classes
            }
            rest = rest.dropFirst()
        }
        if reach == 0 { reach = 0o7777 }
        var steps: [Step] = []
        while let sign = rest.first {
            guard "+-=".utf8.contains(sign) else { return nil }
            rest = rest.dropFirst()
            guard let step = step(sign, &rest) else { return nil }
            steps.append(step)
        }
        return steps.isEmpty ? nil : Clause(reach: reach, steps: steps)
    }

    private static func step(_ sign: UInt8, _ rest: inout ArraySlice<UInt8>) -> Step? {
        var step = Step(sign: sign, bits: 0, conditionalExecute: false)
        if let copied = rest.first,
            let shift = [UInt8(ascii: "u"): 6, UInt8(ascii: "g"): 3, UInt8(ascii: "o"): 0][copied]
        {
            rest = rest.dropFirst()
            step.copiedShift = UInt32(shift)
            return step
        }
        permissions: while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "r"): step.bits |= 0o444
            case UInt8(ascii: "w"): step.bits |= 0o222
            case UInt8(ascii: "x"): step.bits |= 0o111
            case UInt8(ascii: "X"): step.conditionalExecute = true
            case UInt8(ascii: "s"): step.bits |= 0o6000
            case UInt8(ascii: "t"): step.bits |= 0o1000
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "="): break permissions
            default: return nil
            }
            rest = rest.dropFirst()
        }
        return step
    }
}

extension ModeChange.Step {
    fileprivate func apply(to mode: inout UInt32, reach: UInt32, isDirectory: Bool) {
        var wanted = bits
        if conditionalExecute, isDirectory || mode & 0o111 != 0 { wanted |= 0o111 }
        if let copiedShift { wanted = ((mode >> copiedShift) & 0o7) * 0o111 }
        wanted &= reach
        switch sign {
        case UInt8(ascii: "+"): mode |= wanted
        case UInt8(ascii: "-"): mode &= ~wanted
        default: mode = (mode & ~reach) | wanted
        }
    }
}
