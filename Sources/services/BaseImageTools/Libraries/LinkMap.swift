import ELFFormat
import LinuxSystem

/// A program with all the libraries that its loader maps at the start, in the order of loading.
struct LinkMap {
    /// Why the loader ends instead of starting the program.
    enum Problem {
        /// A library that isn't where the loader looks.
        case missing(name: String, neededBy: Int)
        /// It is there for another processor only.
        case wrongMachine(name: String, neededBy: Int, path: String, architecture: String)
        /// What has the library's name is none.
        case bad(name: String, neededBy: Int, path: String)
        /// It is there, but lacks versions.
        case versions(library: Int, neededBy: Int, missing: [String])
        /// It is there for better processors only.
        case processorOnly(name: String, neededBy: Int, path: String)
    }

    private(set) var objects: [LoadedObject] = []
    private(set) var problems: [Problem] = []
    private var byName: [String: Int] = [:]
    private var byFile: [PathBytes: Int] = [:]
    private let isSecure: Bool

    /// More libraries than any honest program has.
    private static let limit = 4096

    /// Loads a program; with `isAlone` only what it needs itself is looked at: a library whose program isn't known.
    init(
        _ program: LoadedObject,
        interpreter: LoadedObject?,
        search: LibrarySearch,
        isSecure: Bool = false,
        isAlone: Bool = false
    ) throws(SystemError) {
        self.isSecure = isSecure
        add(program, names: [])
        if let interpreter {
            let name = interpreter.path.split(separator: "/").last.map(String.init)
            add(interpreter, names: [name].compactMap(\.self))
        }
        var next = 0
        while next < objects.count {
            if next != 1 || interpreter == nil { try load(neededBy: next, search) }
            next += 1
            if isAlone { break }
        }
    }

    private mutating func add(_ object: LoadedObject, names: [String]) {
        let index = objects.count
        objects.append(object)
        byFile[object.entry.path] = index
        for name in names + [object.file.dynamic?.soname].compactMap(\.self) where byName[name] == nil {
            byName[name] = index
        }
    }

    /// The object, who loaded it, and so on up to the program.
    func chain(of index: Int) -> [LoadedObject] {
        var chain: [LoadedObject] = []
        var place: Int? = index
        while let at = place {
            chain.append(objects[at])
            place = objects[at].loadedBy
        }
        return chain
    }

    private mutating func load(neededBy index: Int, _ search: LibrarySearch) throws(SystemError) {
        guard let dynamic = objects[index].file.dynamic else { return }
        for name in dynamic.needed where byName[name] == nil {
            if search.loader.isMusl, Loader.isBuiltIntoMusl(name) { continue }
            let question = LibrarySearch.Question(name: name, chain: chain(of: index), isSecure: isSecure)
            switch try search.locate(question) {
            case .found(let path, let entry, let file):
                take(LoadedObject(path: path, entry: entry, file: file, loadedBy: index), as: name)
            case .processorOnly(let path, let entry, let file):
                problems.append(.processorOnly(name: name, neededBy: index, path: path))
                take(LoadedObject(path: path, entry: entry, file: file, loadedBy: index), as: name)
            case .wrongMachine(let path, let architecture):
                problems.append(
                    .wrongMachine(name: name, neededBy: index, path: path, architecture: architecture)
                )
            case .bad(let path): problems.append(.bad(name: name, neededBy: index, path: path))
            case .missing: problems.append(.missing(name: name, neededBy: index))
            }
        }
        if !search.loader.isMusl { checkVersions(of: index, dynamic) }
    }

    private mutating func take(_ object: LoadedObject, as name: String) {
        if let same = byFile[object.entry.path] {
            byName[name] = same
        } else if objects.count < Self.limit {
            add(object, names: [name])
        }
    }

    /// A library without versions of its own answers every wish.
    private mutating func checkVersions(of index: Int, _ dynamic: DynamicSection) {
        for need in dynamic.versionNeeds {
            guard let library = byName[need.library],
                let offered = objects[library].file.dynamic?.versionDefinitions
            else { continue }
            let known = Set(offered)
            let missing = need.versions.filter { !$0.isWeak && !known.contains($0.name) }.map(\.name)
            if !missing.isEmpty {
                problems.append(.versions(library: library, neededBy: index, missing: missing))
            }
        }
    }
}
