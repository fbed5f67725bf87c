import LinuxSystem
import Reporting

/// Passes what a step's program writes on as progress, until both of its streams have ended.
struct StepOutput {
    var task: Int
    var progress: ProgressSink

    func forward(output: CInt, error: CInt) throws {
        var open: [(descriptor: CInt, stream: ProgressEvent.LogStream)] = [(output, .output), (error, .error)]
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !open.isEmpty {
            let ready = try Readiness.wait(for: open.map(\.descriptor))
            for index in open.indices.reversed() where ready[index] {
                let count = try DescriptorIO.read(open[index].descriptor, into: &buffer)
                if count == 0 {
                    open.remove(at: index)
                } else {
                    progress(.log(task, bytes: Array(buffer[..<count]), stream: open[index].stream))
                }
            }
        }
    }
}
