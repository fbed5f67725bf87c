import LinuxSystem
import SystemPackage
import TarFormat

extension Unpacking {
    /// Sets the owner, attributes and mode of what is open.
    func setAttributes(of raw: CInt, _ entry: TarEntry, mode: UInt32) throws(SystemError) {
        try FileAttributes.chown(raw, uid: entry.uid, gid: entry.gid)
        for attribute in entry.xattrs where OverlayAttribute.mayCome(attribute.name) {
            do throws(SystemError) {
                try ExtendedAttributes.set(PathBytes(attribute.name), to: attribute.value, of: raw)
            } catch { try refuse(error) }
        }
        try FileAttributes.chmod(raw, mode)
    }

    /// Sets the owner, attributes, mode and times of what can't be opened: links and devices.
    func setAttributes(of name: PathBytes, _ entry: TarEntry, in parent: borrowing Directory) throws(SystemError) {
        try parent.chown(name, uid: entry.uid, gid: entry.gid)
        for attribute in entry.xattrs where OverlayAttribute.mayCome(attribute.name) {
            do throws(SystemError) {
                try parent.setAttribute(PathBytes(attribute.name), of: name, to: attribute.value)
            } catch { try refuse(error) }
        }
        if case .symbolicLink = entry.kind {} else { try parent.chmod(name, entry.mode) }
        let times = EntryTimes(entry)
        try parent.setTimes(name, accessed: times.accessed, modified: times.modified)
    }

    /// Docker goes on without the attributes that a file system doesn't know or a user namespace mustn't set; so do we,
    /// and count them.
    private func refuse(_ error: SystemError) throws(SystemError) {
        guard error.errno == .notSupported || error.errno == .notPermitted else { throw error }
        entries.countRefusedAttribute()
    }
}
