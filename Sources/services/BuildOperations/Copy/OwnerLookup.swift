import ContainerRuntime
import LinuxSystem
import OCISpec
import Reporting

/// Who `--chown` and USER mean, by the user and group files of the file system below.
struct OwnerLookup {
    /// Nil: an empty file system, where only numbers mean somebody.
    var below: (any LowerView)?

    /// `user[:group]`; a user alone brings its primary group, a number alone is both.
    func ownership(of text: String) throws -> Ownership {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let lookup = try UserLookup { path, limit in try below?.bytes(path, limit: limit) }
        if parts.count == 1, let number = try Self.number(parts[0]) { return Ownership(uid: number, gid: number) }
        let found = try lookup.resolve(text)
        return Ownership(uid: found.uid, gid: found.gid)
    }

    /// A number as it is written in decimal; one that no user can have is refused, never taken for a name.
    private static func number(_ text: String) throws -> UInt32? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard let number = UInt32(text), number < UInt32.max else {
            throw PlainFailure(.invalidArgument, "user \"\(text)\": number out of range")
        }
        return number
    }
}
