import BuildSolver
import ByteStreams
import LinuxSystem
import OCISpec
import SystemPackage

/// The right to carry a step out, which one build at a time has for each key on a store: another build that wants the same
/// waits, and finds the result.
///
/// It ends with its value, or with the process. Two keys may share a lock by chance; then one waits without need.
struct StepClaim: ~Copyable {
    /// Whether somebody else had it first: the result may be there now.
    let hasWaited: Bool
    private let lock: NumberLock

    private init(hasWaited: Bool, lock: consuming NumberLock) {
        self.hasWaited = hasWaited
        self.lock = lock
    }

    /// Says until where it is held; it ends with its value.
    borrowing func end() {}

    /// The file in the store's root that the locks lie on.
    private static let file: PathBytes = "build.lock"
    private static let patienceMilliseconds = 20

    /// Takes the claim; waits as long as another build has it, and gives the core away meanwhile.
    static func take(_ key: Digest, in root: FilePath, _ turn: Turn) throws -> StepClaim {
        let folder = try Directory.open(root)
        let number = UInt64(key.hex.prefix(16), radix: 16) ?? 0
        var hasWaited = false
        while true {
            if let lock = try folder.attemptLock(file, number: number) {
                return StepClaim(hasWaited: hasWaited, lock: lock)
            }
            hasWaited = true
            turn.waiting { Pause.milliseconds(patienceMilliseconds) }
            try turn.cancellation.check()
        }
    }
}
