import ContainerManagement
import Reporting
import SystemPackage

/// `--mount type=bind,source=…,target=…`.
struct MountArgument: ArgumentValue, Hashable {
    var request: MountRequest

    init(argument: String) throws(ArgumentError) {
        do { request = try MountRequest(reading: argument) } catch {
            throw ArgumentError(error.description, hint: error.hint)
        }
    }
}

/// `-v source:target:mode`, kept as written: Docker finds what is wrong with it later than with its flags.
enum VolumeArgument {
    /// The argument with a source that is relative to `directory` (`.`, `./x`, `../x`) made absolute.
    static func completed(_ argument: String, in directory: FilePath?) -> String {
        let source = argument.prefix { $0 != ":" }
        let isRelative = source == "." || source == ".." || source.hasPrefix("./") || source.hasPrefix("../")
        guard isRelative, source.count < argument.count, let directory else { return argument }
        let path = directory.pushing(FilePath(String(source))).lexicallyNormalized()
        return path.string + argument.dropFirst(source.count)
    }
}
