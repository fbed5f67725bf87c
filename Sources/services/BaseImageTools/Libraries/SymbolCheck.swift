import ELFFormat
import LinuxSystem

/// Whether everything that a program and its libraries want by name is offered by one of them: what the loader finds
/// out at the start, or only at the first call.
struct SymbolCheck {
    private let root: ImageRoot
    private var tables: [PathBytes: SymbolTable] = [:]

    init(_ root: ImageRoot) { self.root = root }

    /// Who wants what nobody offers, in the order of loading.
    mutating func missing(_ map: LinkMap) throws -> [(object: LoadedObject, symbols: [String])] {
        var offered: Set<String> = []
        for object in map.objects { offered.formUnion(try table(of: object).offered) }
        var missing: [(LoadedObject, [String])] = []
        for object in map.objects {
            let wanted = try table(of: object).wanted.filter { !offered.contains($0) }
            if !wanted.isEmpty { missing.append((object, wanted)) }
        }
        return missing
    }

    private mutating func table(of object: LoadedObject) throws -> SymbolTable {
        if let known = tables[object.entry.path] { return known }
        guard let bytes = try root.open(object.entry) else { return try SymbolTable(of: object.file, MemoryBytes([])) }
        let table = try SymbolTable(of: object.file, bytes)
        tables[object.entry.path] = table
        return table
    }
}
