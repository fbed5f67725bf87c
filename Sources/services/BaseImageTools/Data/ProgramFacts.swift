import ELFFormat
import LinuxSystem

/// What a program tells about itself without being run: whom it calls, what it was made with, which texts are in it.
final class ProgramFacts {
    let root: ImageRoot
    let started: Execution.Started
    /// Whether the program's whole file may be read, not only its headers.
    let readsAll: Bool

    init(_ started: Execution.Started, in root: ImageRoot, readsAll: Bool) {
        self.started = started
        self.root = root
        self.readsAll = readsAll
    }

    /// Texts that mean something.
    enum Trace: String, CaseIterable {
        case bundle = "/etc/ssl/certs/ca-certificates.crt"
        case loadLocation = "time.LoadLocation"
        case timeData = "time/tzdata"
        case accounts = "os/user."
        case temporaryFolder = "os.TempDir"
        case rustCertificates = "rustls-native-certs"
        case opensslProbe = "openssl-probe"
    }

    /// The names of the libraries that are loaded with the program.
    lazy var libraries: Set<String> = Set(
        (started.links?.objects ?? []).dropFirst().compactMap { object in
            object.file.dynamic?.soname ?? object.path.split(separator: "/").last.map(String.init)
        }
    )

    func uses(_ prefixes: String...) -> Bool {
        libraries.contains { name in prefixes.contains { name.hasPrefix($0) } }
    }

    lazy var language: Language? = Language(program: started.program.path)

    /// The functions that the program itself calls of others.
    lazy var calls: Set<String> = {
        guard readsAll, let bytes = opened, let table = try? SymbolTable(of: started.file, bytes, needsOffered: false)
        else { return [] }
        return Set(table.wanted)
    }()

    lazy var go: GoBuild? = {
        // What a damaged record would have said isn't known.
        guard let bytes = opened else { return nil }
        return try? GoBuild(of: started.file, bytes)
    }()

    /// Which of the texts are in the program's file.
    lazy var traces: Set<Trace> = {
        guard readsAll, let bytes = opened, bytes.count <= Self.sizeLimit else { return [] }
        return (try? Self.traces(in: bytes)) ?? []
    }()

    /// The version of the GNU C library that is loaded with the program, `[2, 36]`; nil where another one is, or none.
    lazy var glibc: [Int]? = {
        guard let library = started.links?.objects.first(where: { $0.file.dynamic?.soname == "libc.so.6" }),
            let newest = SymbolVersion.newest(library.file.dynamic?.versionDefinitions ?? [], like: "GLIBC_2"),
            let number = SymbolVersion.number(newest, of: "GLIBC")
        else { return nil }
        return number.split(separator: ".").compactMap { Int($0) }
    }()

    private static let sizeLimit: Int64 = 512 << 20
    private static let chunkSize = 1 << 20

    // A file that can't be read is told of where it is started.
    private lazy var opened: FileBytes? = try? root.open(started.program)

    private static func traces(in file: FileBytes) throws(ELFError) -> Set<Trace> {
        let wanted = Trace.allCases.map { ($0, Array($0.rawValue.utf8)) }
        let overlap = wanted.map(\.1.count).max() ?? 0
        var found: Set<Trace> = []
        var offset: Int64 = 0
        while offset < file.count {
            let chunk = try file.bytes(at: offset, count: chunkSize + overlap)
            if chunk.isEmpty { break }
            for (trace, text) in wanted where !found.contains(trace) {
                if ByteSearch.firstIndex(of: text, in: chunk) != nil { found.insert(trace) }
            }
            offset += Int64(chunkSize)
        }
        return found
    }
}
