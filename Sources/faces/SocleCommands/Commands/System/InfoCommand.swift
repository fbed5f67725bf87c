import ContainerManagement
import ContainerRuntime
import LinuxSystem
import OCISpec
import SocleEngine
import SystemPackage

/// `socle info`.
struct InfoCommand: Command {
    static let usage = Usage("", 0...0, "Display system-wide information")
    static var flags: [Flag<Self>] {
        Flag.value("format", short: "f", \.format, "Format the output using the given Go template, or 'json'")
    }
    var operands: [String] = []
    var format: String?

    func run(in session: Session) throws -> ExitCode {
        let template = try format.flatMap { $0.isEmpty ? nil : $0 }.map { text throws(TemplateError) in
            try Template(text == "json" ? "{{json .}}" : text)
        }
        let engine = try session.engine()
        let document = InfoDocument(
            root: engine.root.string,
            images: try engine.listImages().count,
            containers: try engine.listContainers().map(\.state.word),
            driver: try engine.containers.storageDriver().rawValue,
            isDebug: session.isDebug,
            registries: try session.registrySettings(),
            limits: try LimitSupport.current()
        ).value
        if let template {
            session.output.print(try template.render(TemplateValue(document)))
        } else {
            session.output.write(Self.text(document))
        }
        return .success
    }

    static func text(_ document: JSONValue) -> String {
        func isSecured(by option: String) -> Bool {
            guard case .array(let options)? = document["SecurityOptions"] else { return false }
            return options.contains { $0.text == "name=" + option }
        }
        func field(_ name: String) -> String { document[name].map { GoShape.printed($0) } ?? "" }
        let memory = if case .integer(let bytes)? = document["MemTotal"] { bytes } else { Int64(0) }
        return """
            Containers: \(field("Containers"))
             Running: \(field("ContainersRunning"))
             Paused: \(field("ContainersPaused"))
             Stopped: \(field("ContainersStopped"))
            Images: \(field("Images"))
            Server Version: \(field("ServerVersion"))
            Storage Driver: \(field("Driver"))
            Cgroup Driver: \(field("CgroupDriver"))
            Cgroup Version: \(field("CgroupVersion"))
            Runtimes: crun runc socle
            Default Runtime: \(field("DefaultRuntime"))
            Security Options:\(isSecured(by: "apparmor") ? "\n apparmor" : "")
             seccomp
              Profile: default\(isSecured(by: "rootless") ? "\n rootless" : "")
            Kernel Version: \(field("KernelVersion"))
            Operating System: \(field("OperatingSystem"))
            OSType: \(field("OSType"))
            Architecture: \(field("Architecture"))
            CPUs: \(field("NCPU"))
            Total Memory: \(HumanSize.binary(memory))
            Name: \(field("Name"))
            Docker Root Dir: \(field("DockerRootDir"))
            Debug Mode: \(field("Debug"))

            """
    }
}
