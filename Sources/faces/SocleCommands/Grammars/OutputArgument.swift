import BuildOperations
import OCISpec
import Reporting

/// `--output type=oci,dest=image.tar`.
struct OutputArgument: ArgumentValue, Hashable {
    var request: ExportRequest

    init(argument: String) throws(ArgumentError) {
        do { request = try ExportRequest(argument: argument) } catch {
            throw ArgumentError(error.description, hint: error.hint)
        }
    }
}

/// `--annotation index:key=value`.
struct AnnotationArgument: ArgumentValue, Hashable {
    var annotations: [ImageAnnotation]

    init(argument: String) throws(ArgumentError) {
        do { annotations = try ImageAnnotation.parse(argument) } catch {
            throw ArgumentError(error.description, hint: error.hint)
        }
    }
}

/// `--platform linux/amd64,linux/arm64`.
struct PlatformsArgument: ArgumentValue, Hashable {
    var platforms: [Platform] = []

    init(argument: String) throws(ArgumentError) {
        for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let platform = word == "local" ? Platform.host : try PlatformArgument(argument: String(word)).platform
            guard platform.os == "linux" else {
                throw ArgumentError("platform \(platform) is not supported: only Linux images can be built")
            }
            platforms.append(platform)
        }
    }
}

/// `--provenance`, `--sbom` and `--attest`: only that there are none can be said.
struct AttestationArgument: ArgumentValue, Hashable {
    init(argument: String) throws(ArgumentError) {
        let fields = argument.split(separator: ",").map(String.init)
        let isOff =
            ["false", "0", "f", "F", "FALSE", "False", "disabled"].contains(argument)
            || fields.contains { ["disabled=true", "disabled=1"].contains($0) }
        guard isOff else {
            throw ArgumentError(
                "attestations (provenance and SBOM) are not built into this version",
                hint: "false turns them off, which is the default"
            )
        }
    }
}
