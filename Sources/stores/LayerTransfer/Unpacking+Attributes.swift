import LinuxSystem
import SystemPackage
import TarFormat

extension Unpacking {
    /// Sets the owner, attributes and mode of what is open.
    func setAttributes(of raw: CInt, _ entry: TarEntry, mode: UInt32) throws(SystemError) {
        if keepsOwners {
            let owner = try owner(of: entry)
            try FileAttributes.chown(raw, uid: owner.uid, gid: owner.gid)
        }
        for attribute in entry.xattrs where OverlayAttribute.mayCome(attribute.name) {
            do throws(SystemError) {
                try ExtendedAttributes.set(PathBytes(attribute.name), to: attribute.value, of: raw)
            } catch { try refuse(error) }
        }
        try FileAttributes.chmod(raw, mode)
    }

    /// Sets the owner, attributes, mode and times of what can't be opened: links and devices.
    func setAttributes(of name: PathBytes, _ entry: TarEntry, in parent: borrowing Directory) throws(SystemError) {
        if keepsOwners {
            let owner = try owner(of: entry)
            try parent.chown(name, uid: owner.uid, gid: owner.gid)
        }
        for attribute in entry.xattrs where OverlayAttribute.mayCome(attribute.name) {
            do throws(SystemError) {
                try parent.setAttribute(PathBytes(attribute.name), of: name, to: attribute.value)
            } catch { try refuse(error) }
        }
        if case .symbolicLink = entry.kind {} else { try parent.chmod(name, entry.mode) }
        let times = EntryTimes(entry)
        try parent.setTimes(name, accessed: times.accessed, modified: times.modified)
    }

    /// Refuses what would belong to somebody who isn't there, before anything is made of it.
    func checkOwner(of entry: TarEntry) throws(SystemError) { if keepsOwners { _ = try owner(of: entry) } }

    /// Who the file belongs to here: a user who has nothing but his own number keeps everything himself.
    private func owner(of entry: TarEntry) throws(SystemError) -> (uid: UInt32, gid: UInt32) {
        if let owners {
            if let uid = owners.outer(entry.uid), let gid = owners.outer(entry.gid) { return (uid, gid) }
            throw SystemError("chown to \(entry.uid):\(entry.gid), more than the container's \(owners.count)", nil, .overflow)
        }
        if OwnUserNamespace.hasOneUser { return (0, 0) }
        if OwnUserNamespace.users.contains(entry.uid), OwnUserNamespace.groups.contains(entry.gid) {
            return (entry.uid, entry.gid)
        }
        throw SystemError("chown to \(entry.uid):\(entry.gid), more than /etc/subuid and /etc/subgid lend,", nil, .overflow)
    }

    /// Docker goes on without the attributes that a file system doesn't know or a user namespace mustn't set; so do we,
    /// and count them.
    private func refuse(_ error: SystemError) throws(SystemError) {
        guard error.errno == .notSupported || error.errno == .notPermitted else { throw error }
        entries.countRefusedAttribute()
    }
}
