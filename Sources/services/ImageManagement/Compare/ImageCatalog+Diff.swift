import LinuxSystem
import OCISpec

extension ImageCatalog {
    /// Compares two images as a container would see them; layers that aren't unpacked yet are.
    package func diff(_ first: Image, _ second: Image, _ options: DiffOptions) throws -> ImageDiff {
        try holding(first) {
            try holding(second) {
                var diff = ImageDiff()
                diff.config = try ConfigComparison(first, second, options).changes()
                if first.config.value.rootfs.diffIDs == second.config.value.rootfs.diffIDs { return diff }
                let one = try LayeredTree(lowers: lowers(for: first))
                let other = try LayeredTree(lowers: lowers(for: second))
                diff.files = try TreeComparison(one, other, options).changes()
                let (packages, others) = (try PackageList(in: one), try PackageList(in: other))
                diff.packages = packages.changes(to: others)
                diff.notes = Set(packages.notes + others.notes).sorted()
                return diff
            }
        }
    }
}
