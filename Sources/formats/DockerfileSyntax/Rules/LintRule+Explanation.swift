extension LintRule {
    /// Why the rule is there and what to do, for its page: one or two paragraphs.
    public var explanation: String { Self.explanations[name] ?? summary }

    private static let explanations: [String: String] = [
        "StageNameCasing": """
        A stage's name may be written in any case where it is used, but it is kept in lower case. Written in lower \
        case everywhere it is what it looks like, and it can't be taken for a keyword.
        """,
        "FromAsCasing": """
        Keywords may be written in upper or in lower case. `FROM … AS` and `from … as` belong together; a mixture \
        only makes the line harder to read. A `From` in mixed case is left to ConsistentInstructionCasing.
        """,
        "NoEmptyContinuation": """
        A line without text inside a continued instruction is skipped for the sake of old files. It looks like the \
        end of the instruction and isn't, and it is deprecated. Take the empty line away, or put a comment there: \
        lines that begin with `#` may stand between continued lines.

        The finding stands at the last line of the instruction.
        """,
        "ConsistentInstructionCasing": """
        Instructions may be written in upper or in lower case, and are easier to find when all of them are written \
        alike. What most instructions of the file do is expected of all; a keyword in mixed case is never right.
        """,
        "DuplicateStageName": """
        Two stages with one name are allowed, and the later one hides the earlier: which of them `COPY --from` or \
        `--target` means depends on the order of the file. Give every stage a name of its own.
        """,
        "ReservedStageName": """
        `scratch` is the empty image, and `context` is what the build's own files are called. A stage with such a \
        name can't be told from them by who reads the file.
        """,
        "JSONArgsRecommended": """
        The shell form of ENTRYPOINT and CMD runs the program as a child of `/bin/sh -c`. The shell is process 1, and \
        doesn't pass signals on: `stop` reaches the shell, the program knows nothing of it and is killed after \
        the time-out. The JSON form runs the program itself.

        Where a shell is wanted, say so: with `SHELL`, after which this rule is silent, with \
        `["/bin/sh", "-c", "exec my-program"]`, or with a script that ends in `exec "$@"`.
        """,
        "MaintainerDeprecated": """
        MAINTAINER sets the author of an image in a field of its own, which few tools look at. The label \
        `org.opencontainers.image.authors` is seen by `inspect` like all others.
        """,
        "UndefinedArgInFrom": """
        FROM sees the arguments that are declared in front of the first FROM, and those that name the platforms. \
        Everything else expands to nothing, so that a misspelt argument silently means another image.
        """,
        "WorkdirRelativePath": """
        A relative WORKDIR is seen from the working directory of the base image. When the base image changes its \
        own, everything after it moves. Say an absolute path first; relative ones after it are fine, in stages that \
        are built on this one too. Only the first WORKDIR is judged: who mends that one has mended the others.
        """,
        "UndefinedVar": """
        A variable that neither ENV nor ARG sets before its use expands to nothing. The environment of the base \
        image counts as set, an ARG without a value as declared, and `${x:-default}` and `${x:+word}` say \
        themselves that the variable may be missing. What is written in RUN, CMD and ENTRYPOINT is left to the \
        shell.

        An argument that is declared in front of the first FROM has to be declared again in each stage that uses it.
        """,
        "MultipleInstructionsDisallowed": """
        An image has one command, one entrypoint and one health check. Where a stage sets one of them twice, the \
        last one counts and the others do nothing but mislead. The finding stands at those that don't count. In a \
        stage that is built on another one, replacing them is what one wants.
        """,
        "LegacyKeyValueFormat": """
        `ENV name value` takes the rest of the line as the value, so that it can set only one variable and needs \
        other quotes than everything else. `ENV name=value` works everywhere, several times on a line.
        """,
        "InvalidBaseImagePlatform": """
        The image that a stage is built on is made for another operating system or another processor than the \
        build is for. Its programs won't run, or only through emulation. Take an image for the platform that is \
        built, or say with `FROM --platform=` that the other one is meant.
        """,
        "RedundantTargetPlatform": """
        A stage is built for the target platform unless its FROM says otherwise. `--platform=$TARGETPLATFORM` says \
        what is so anyway.
        """,
        "SecretsUsedInArgOrEnv": """
        Values of ENV are part of the image, and values of ARG are in its history: who has the image can read them. \
        Use `RUN --mount=type=secret` for what only the build needs, and give what the container needs when it \
        is run.

        A name is suspicious when one of its words, between underscores, is apikey, auth, credential, credentials, \
        key, password, pword, passwd, secret or token; not if another one is public, file or version.
        """,
        "InvalidDefaultArgInFrom": """
        A file that nobody can build without `--build-arg` fails in the hands of everyone who doesn't know. Give \
        the argument a default that makes the reference a valid one.
        """,
        "FromPlatformFlagConstDisallowed": """
        `FROM --platform=linux/amd64` makes the stage the same on every machine and for every target: the image \
        says that it is built for one platform and holds programs of another. Use a variable like \
        `$BUILDPLATFORM`. A stage whose name has the operating system or the processor in it means it, and is left \
        alone.
        """,
        "CopyIgnoredFile": """
        What the ignore file leaves out isn't part of the build context, so COPY and ADD can't find it and the \
        build fails. With patterns that take paths back in (`!`) nothing is said, since only a look at the files \
        could tell; the top of the context counts as left out only where `*`, `**` or `**/*` leaves everything out.
        """,
        "InvalidDefinitionDescription": """
        The comment directly above an ARG or above a FROM with a stage name is shown by `--call=outline` and \
        `--call=targets` when it begins with the name. A comment that is meant for readers of the file only is \
        kept apart by an empty line or by a line with nothing but `#`.

        This rule is experimental: `# check=experimental=InvalidDefinitionDescription` switches it on.
        """,
        "ExposeProtoCasing": """
        Protocols are kept in lower case. One in upper case works, and can't be found by who looks for what the \
        image says.
        """,
        "ExposeInvalidFormat": """
        EXPOSE says which ports the program inside listens on. Addresses and ports of the host are chosen by who \
        runs the container, with `run -p`; in the image they mean nothing and are dropped.
        """,
    ]
}
