import ContainerMonitor
private import Glibc
import HTTPTransportCurl
import SocleCommands

// One binary. A container's parent is the same program under another name: it is chosen before anything else happens.
let name = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? ""
if name == MonitorProcess.name { exit(MonitorProcess.main()) }
if OCIProgram.answers(to: name) { exit(OCIProgram.run(CommandLine.arguments.dropFirst())) }
if name == DetachedExec.name { exit(DetachedExec.main()) }
if name == StreamDrain.name { exit(StreamDrain.main()) }
exit(SocleProgram.run(CommandLine.arguments.dropFirst()) { CurlTransport(agent: "socle") })
