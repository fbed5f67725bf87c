package import SystemPackage

extension FilePath {
    /// The path without its last component: `/` for `/` and `/a`, the empty path for `a`.
    ///
    /// `removingLastComponent()` by bytes: that one slices the path by types which Swift looks for among all of the
    /// program's when it is first called.
    package var parent: FilePath {
        withPlatformString { text in
            var bytes: [CInterop.PlatformChar] = []
            var end = 0
            while text[end] != 0 {
                bytes.append(text[end])
                end += 1
            }
            guard let slash = bytes.lastIndex(of: CInterop.PlatformChar(UInt8(ascii: "/"))) else { return FilePath() }
            return FilePath(platformString: bytes[..<max(slash, 1)] + [0])
        }
    }
}
