package import OCISpec

/// What `import` is asked to make of a root file system.
package struct ImportRequest: Sendable {
    /// Instructions for the config, as `--change` takes them.
    package var changes: [String] = []
    /// The comment of the image; nil says where it came from.
    package var message: String?
    /// What the files are for; nil is this machine.
    package var platform: Platform?
    /// The tag; nil leaves the image without one.
    package var reference: ImageReference?
    /// What the message says by default: `-` for files and standard input, else the URL.
    package var source = "-"
    /// The latest time that the image may say it was made: `SOURCE_DATE_EPOCH`.
    package var epoch: Int64?

    package init() {}
}

/// What `import` made.
package struct ImportedImage: Sendable {
    package var image: Image
    /// What the user should know: the archive looks like something else, nothing says what to run.
    package var notes: [String]
}
