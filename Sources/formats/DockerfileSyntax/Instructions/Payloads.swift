public import Reporting

/// `FROM [--platform=p] reference [AS name]`.
public struct FromInstruction: Hashable, Sendable {
    public var platform: Word?
    /// An image, an earlier stage or `scratch`; may have variables.
    public var reference: Word
    /// The stage's name as written.
    public var stageName: Word?
    /// The word between the reference and the name, as written.
    public var asKeyword: Word?

    /// The stage's name in lower case.
    public var name: String? { stageName?.text.lowercased() }
}

/// `name=value`, or for ARG a name alone.
public struct Assignment: Hashable, Sendable {
    public var name: Word
    public var value: Word?
    /// `ENV name value`: the value is the rest of the line.
    public var isLegacy = false

    /// From the name to the end of the value.
    public var range: SourceRange { SourceRange(start: name.range.start, end: (value ?? name).range.end) }
}

/// A program with arguments, in one of the two forms.
public struct CommandLine: Hashable, Sendable {
    public enum Form: Hashable, Sendable {
        /// Text for the shell.
        case shell(String)
        /// The words of a JSON array.
        case exec([String])
    }

    public var form: Form
    public var heredocs: [Heredoc]
    public var range: SourceRange

    /// Whether there is nothing to run.
    public var isEmpty: Bool {
        switch form {
        case .shell(let text): text.isEmpty
        case .exec(let words): words.isEmpty
        }
    }

    /// The words to run: those of the JSON form, or the shell with the text.
    public func arguments(shell: [String]) -> [String] {
        switch form {
        case .exec(let words): words
        case .shell(let text): text.isEmpty ? shell : shell + [text]
        }
    }
}

/// `RUN [flags] command`.
public struct RunInstruction: Hashable, Sendable {
    public var command: CommandLine
    /// The values of `--mount`; they are read when variables are known, by `MountOptions`.
    public var mounts: [Word] = []
    public var network: Word?
    public var security: Word?
    public var devices: [Word] = []
}

/// `COPY` and `ADD`.
public struct CopyInstruction: Hashable, Sendable {
    /// Paths, patterns and (ADD) addresses, in order.
    public var sources: [Word]
    /// Files that are written in the Dockerfile.
    public var heredocs: [Heredoc] = []
    public var destination: Word
    /// The options; which of them an instruction has was checked.
    public var options = CopyOptions()
}

/// The flags of `COPY` and `ADD`.
public struct CopyOptions: Hashable, Sendable {
    /// A stage, an image, a context or `scratch`; never has variables.
    public var from: Word?
    public var chown: Word?
    public var chmod: Word?
    public var link = false
    public var parents = false
    public var exclude: [Word] = []
    public var checksum: Word?
    public var keepsGitDirectory: Bool?
    public var unpack: Bool?
}

/// `HEALTHCHECK NONE` or `HEALTHCHECK [flags] CMD command`.
public struct HealthcheckInstruction: Hashable, Sendable {
    /// How to look after the container; nil takes an inherited one away.
    public var check: Check?

    /// Times in nanoseconds; 0 where nothing was said.
    public struct Check: Hashable, Sendable {
        public var command: CommandLine
        public var interval: Int64 = 0
        public var timeout: Int64 = 0
        public var startPeriod: Int64 = 0
        public var startInterval: Int64 = 0
        public var retries: Int = 0
    }

    /// The test as an image's config has it.
    public var test: [String] {
        switch check?.command.form {
        case nil: ["NONE"]
        case .shell(let text): ["CMD-SHELL", text]
        case .exec(let words): ["CMD"] + words
        }
    }
}

/// `ONBUILD instruction`: carried out when another image is built on this one.
public struct OnbuildInstruction: Hashable, Sendable {
    /// The trigger's text with the bodies of its heredocs, as an image's config has it.
    public var trigger: String
    /// The trigger's keyword.
    public var keyword: Word
}
