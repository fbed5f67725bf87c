import ELFFormat
import LinuxSystem

/// Says what a loader didn't find, why, and what to do.
struct LibraryWords {
    let root: ImageRoot
    let links: LinkMap
    let search: LibrarySearch
    /// How one came to the program.
    let chain: [String]
    /// What a missing library means: the program doesn't start, or a plug-in can't be loaded.
    let code: FindingCode

    private var isPlugin: Bool { code != .library }

    func finding(_ problem: LinkMap.Problem, knows: (String) -> [String]) throws -> Finding {
        switch problem {
        case .missing(let name, let index): return try missing(name, index, knows(name))
        case .wrongMachine(let name, let index, let path, let architecture):
            return Finding(
                isPlugin ? code : .libraryArchitecture,
                subject(index),
                "needs \(name), and the image has it for \(architecture) only (\(path))",
                chain: way(to: index),
                cure: CureLines.library(name, search.loader, root),
                paths: [PathBytes(path)]
            )
        case .bad(let name, let index, let path):
            return Finding(
                isPlugin ? code : .badLibrary,
                subject(index),
                "needs \(name), and \(path) is no library",
                chain: way(to: index),
                cure: CureLines.library(name, search.loader, root),
                paths: [PathBytes(path)]
            )
        case .versions(let library, let index, let missing): return versions(library, index, missing)
        case .processorOnly(let name, let index, let path):
            return Finding(
                .processorLibrary,
                subject(index),
                "needs \(name), which the image has for newer processors only (\(path))",
                chain: way(to: index),
                paths: [PathBytes(path)]
            )
        }
    }

    func finding(_ object: LoadedObject, lacks names: [String]) -> Finding {
        let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
        return Finding(
            .symbol,
            object.path,
            "wants \(shown), and no loaded library offers \(names.count == 1 ? "it" : "them")",
            chain: chain,
            cure: ["# build it against the libraries that the image has, or bring those that it was built against"],
            paths: [object.entry.path]
        )
    }

    private func missing(_ name: String, _ index: Int, _ others: [String]) throws -> Finding {
        let elsewhere = try others.isEmpty ? elsewhere(name, index) : others
        if isPlugin, !elsewhere.isEmpty {
            return Finding(
                .otherLibrary,
                subject(index),
                "needs \(name), which its program must bring: it is at \(elsewhere[0]), where the loader doesn't look",
                chain: way(to: index)
            )
        }
        var cure = CureLines.library(name, search.loader, root)
        if let place = elsewhere.first { cure = CureLines.findable(place, search.loader) + cure }
        return Finding(
            code,
            subject(index),
            "needs \(name), which isn't where its loader looks",
            chain: way(to: index)
                + (elsewhere.first.map { ["there is \($0), where this loader doesn't look"] } ?? [])
                + ["the loader looks in \(search.loader.directories.joined(separator: ", "))"],
            cure: cure,
            paths: search.loader.directories.map { PathBytes(LibrarySearch.join($0, name)) }
        )
    }

    private func versions(_ library: Int, _ index: Int, _ missing: [String]) -> Finding {
        let object = links.objects[library]
        let name = object.path.split(separator: "/").last.map(String.init) ?? object.path
        let newest = SymbolVersion.newest(missing)
        let offered = SymbolVersion.newest(object.file.dynamic?.versionDefinitions ?? [], like: newest)
        var message = "needs \(newest) of \(name), which the image's doesn't have"
        if let wanted = SymbolVersion.number(newest, of: "GLIBC"), let there = offered {
            let has = SymbolVersion.number(there, of: "GLIBC") ?? there
            message = "needs glibc \(wanted) or newer, and the image has \(has)"
        } else if let there = offered {
            message += " (it has \(there))"
        }
        return Finding(
            isPlugin ? code : .symbolVersion,
            subject(index),
            message,
            chain: way(to: index) + ["\(object.path) lacks \(missing.joined(separator: ", "))"],
            cure: CureLines.version(),
            paths: [object.entry.path]
        )
    }

    private func subject(_ index: Int) -> String { links.objects[index].path }

    /// The chain to the program, then from library to library.
    private func way(to index: Int) -> [String] {
        let objects = links.chain(of: index)
        return chain
            + zip(objects.dropFirst(), objects).reversed().map { loader, loaded in
                "\(loader.path) needs \(loaded.path)"
            }
    }

    /// Where a library is although the loader doesn't look there: beside the program, in usual places, in the directories
    /// of `ld.so.conf`, which only `ldconfig` reads.
    private func elsewhere(_ name: String, _ index: Int) throws -> [String] {
        if name.contains("/") { return [] }
        var places = ["/usr/local/lib", "/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib64"]
        if let own = search.loader.target.multiarch {
            places += ["/lib/\(own)", "/usr/lib/\(own)", "/usr/local/lib/\(own)"]
        }
        places += [links.objects[0].folder, links.objects[index].folder, links.objects[0].folder + "/lib"]
        places += try LoaderConfiguration(root).directories
        var seen: Set<String> = []
        return try places.filter { seen.insert($0).inserted }.map { LibrarySearch.join($0, name) }.filter { path in
            try root.find(PathBytes(path))?.kind == .file
        }
    }
}
