/// `--sysctl name=value`, of the kernel's settings that a namespace has for itself.
struct SysctlArgument: ArgumentValue, Hashable {
    var setting: KeyValue

    private static let names: Set<String> = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni",
        "kernel.shm_rmid_forced",
    ]
    private static let beginnings = ["net.", "fs.mqueue."]

    init(argument: String) throws(ArgumentError) {
        // The words are Docker's, for what lacks a value too.
        let refusal = ArgumentError("sysctl '\(argument)' is not whitelisted")
        guard argument.contains("="), let setting = try? KeyValue(argument: argument) else { throw refusal }
        guard Self.names.contains(setting.key) || Self.beginnings.contains(where: setting.key.hasPrefix) else { throw refusal }
        self.setting = setting
    }
}
