public import Reporting

/// A check of Dockerfiles: what its findings are called and where they are explained.
public struct LintRule: Hashable, Sendable {
    /// `JSONArgsRecommended`: the name that `# check=skip=` uses.
    public var name: String
    /// What it is about, in a sentence.
    public var summary: String
    /// Whether it has to be asked for.
    public var isExperimental: Bool

    private init(_ name: String, _ summary: String, isExperimental: Bool = false) {
        self.name = name
        self.summary = summary
        self.isExperimental = isExperimental
    }

    /// The page that explains it; nil for the one rule that has none.
    public var url: String? {
        self == .invalidBaseImagePlatform ? nil : "https://docs.docker.com/go/dockerfile/rule/\(kebabName)/"
    }

    /// `json-args-recommended`: the name of its page.
    public var kebabName: String {
        let letters = Array(name)
        var kebab = ""
        for (index, letter) in letters.enumerated() {
            let startsWord =
                index > 0 && letter.isUppercase
                && (letters[index - 1].isLowercase || (index + 1 < letters.count && letters[index + 1].isLowercase))
            kebab += (startsWord ? "-" : "") + letter.lowercased()
        }
        return kebab
    }

    /// A finding of this rule.
    public func finding(_ message: String, at range: SourceRange, file: String) -> Diagnostic {
        Diagnostic(.warning, rule: name, message, file: file, ranges: [range], url: url)
    }

    public static let stageNameCasing = LintRule("StageNameCasing", "Stage names should be lowercase")
    public static let fromAsCasing = LintRule(
        "FromAsCasing",
        "The 'as' keyword should match the case of the 'from' keyword"
    )
    public static let noEmptyContinuation = LintRule(
        "NoEmptyContinuation",
        "Empty continuation lines will become errors in a future release"
    )
    public static let consistentInstructionCasing = LintRule(
        "ConsistentInstructionCasing",
        "All commands within the Dockerfile should use the same casing (either upper or lower)"
    )
    public static let duplicateStageName = LintRule("DuplicateStageName", "Stage names should be unique")
    public static let reservedStageName = LintRule(
        "ReservedStageName",
        "Reserved words should not be used as stage names"
    )
    public static let jsonArgsRecommended = LintRule(
        "JSONArgsRecommended",
        "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals"
    )
    public static let maintainerDeprecated = LintRule(
        "MaintainerDeprecated",
        "The MAINTAINER instruction is deprecated, use a label instead to define an image author"
    )
    public static let undefinedArgInFrom = LintRule(
        "UndefinedArgInFrom",
        "FROM command must use declared ARGs"
    )
    public static let workdirRelativePath = LintRule(
        "WorkdirRelativePath",
        "Relative workdir without an absolute workdir declared within the build can have unexpected results if the "
            + "base image changes"
    )
    public static let undefinedVar = LintRule("UndefinedVar", "Variables should be defined before their use")
    public static let multipleInstructionsDisallowed = LintRule(
        "MultipleInstructionsDisallowed",
        "Multiple instructions of the same type should not be used in the same stage"
    )
    public static let legacyKeyValueFormat = LintRule(
        "LegacyKeyValueFormat",
        "Legacy key/value format with whitespace separator should not be used"
    )
    public static let redundantTargetPlatform = LintRule(
        "RedundantTargetPlatform",
        "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior"
    )
    public static let secretsUsedInArgOrEnv = LintRule(
        "SecretsUsedInArgOrEnv",
        "Sensitive data should not be used in the ARG or ENV commands"
    )
    public static let invalidDefaultArgInFrom = LintRule(
        "InvalidDefaultArgInFrom",
        "Default value for global ARG results in an empty or invalid base image name"
    )
    public static let fromPlatformFlagConstDisallowed = LintRule(
        "FromPlatformFlagConstDisallowed",
        "FROM --platform flag should not use a constant value"
    )
    public static let invalidBaseImagePlatform = LintRule(
        "InvalidBaseImagePlatform",
        "Base image platform does not match expected target platform"
    )
    public static let copyIgnoredFile = LintRule(
        "CopyIgnoredFile",
        "Attempting to Copy file that is excluded by .dockerignore"
    )
    public static let invalidDefinitionDescription = LintRule(
        "InvalidDefinitionDescription",
        "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is "
            + "not intended to be a description comment, add an empty line or comment between the instruction and the "
            + "comment.",
        isExperimental: true
    )
    public static let exposeProtoCasing = LintRule(
        "ExposeProtoCasing",
        "Protocol in EXPOSE instruction should be lowercase"
    )
    public static let exposeInvalidFormat = LintRule(
        "ExposeInvalidFormat",
        "IP address and host-port mapping should not be used in EXPOSE instruction"
    )

    /// All rules, whoever checks them.
    public static let all: [LintRule] = [
        stageNameCasing, fromAsCasing, noEmptyContinuation, consistentInstructionCasing, duplicateStageName,
        reservedStageName, jsonArgsRecommended, maintainerDeprecated, undefinedArgInFrom, workdirRelativePath,
        undefinedVar, multipleInstructionsDisallowed, legacyKeyValueFormat, redundantTargetPlatform,
        secretsUsedInArgOrEnv, invalidDefaultArgInFrom, fromPlatformFlagConstDisallowed, invalidBaseImagePlatform,
        copyIgnoredFile, invalidDefinitionDescription, exposeProtoCasing, exposeInvalidFormat,
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The rule of that name; nil where there is none.
    public static func named(_ name: String) -> LintRule? { byName[name] }
}
