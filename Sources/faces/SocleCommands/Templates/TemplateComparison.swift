import OCISpec

/// `eq`, `lt` and their kin.
enum TemplateComparison {
    private enum Kind { case bool, number, string, other }

    private static func kind(_ value: TemplateValue) -> Kind {
        switch value {
        case .json(.bool, _): .bool
        case .json(.integer, _), .json(.number, _): .number
        case .json(.string, _): .string
        default: .other
        }
    }

    private static func number(_ value: TemplateValue) -> Double? {
        switch value {
        case .json(.integer(let number), _): Double(number)
        case .json(.number(let number), _): number
        default: nil
        }
    }

    static func equal(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFunctionError) -> Bool {
        let isNull = [left, right].map { if case .json(.null, _) = $0 { true } else { $0 == .missing } }
        if isNull[0] || isNull[1] { return isNull[0] && isNull[1] }
        guard kind(left) == kind(right) else { throw TemplateFunctionError("incompatible types for comparison") }
        if kind(left) == .other {
            throw TemplateFunctionError("non-comparable type \(left.printed): \(left.typeName)")
        }
        if case .json(.integer(let a), _) = left, case .json(.integer(let b), _) = right { return a == b }
        if let a = number(left), let b = number(right) { return a == b }
        return left.printed == right.printed
    }

    static func lessOrEqual(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFunctionError) -> Bool {
        if try less(left, right) { return true }
        return try equal(left, right)
    }

    static func less(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFunctionError) -> Bool {
        if kind(left) == .other || kind(right) == .other {
            throw TemplateFunctionError("invalid type for comparison")
        }
        guard kind(left) == kind(right) else { throw TemplateFunctionError("incompatible types for comparison") }
        if case .json(.integer(let a), _) = left, case .json(.integer(let b), _) = right { return a < b }
        if let a = number(left), let b = number(right) { return a < b }
        guard let a = left.string, let b = right.string else {
            throw TemplateFunctionError("invalid type for comparison")
        }
        return a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}

/// `index`, `slice` and `len`.
enum TemplateIndexing {
    static func length(_ value: TemplateValue) throws(TemplateFunctionError) -> Int {
        if let text = value.string { return text.utf8.count }
        if let elements = value.elements { return elements.count }
        switch value {
        case .json(.object(let object), _): return object.members.count
        case .json(.null, .map): return 0
        case .missing, .json(.null, _): throw TemplateFunctionError("len of nil pointer")
        default: throw TemplateFunctionError("len of type \(value.typeName)")
        }
    }

    static func index(
        _ value: TemplateValue,
        _ keys: ArraySlice<TemplateValue>
    ) throws(TemplateFunctionError) -> TemplateValue {
        var value = value
        for key in keys { value = try element(of: value, key) }
        return value
    }

    private static func element(
        of value: TemplateValue,
        _ key: TemplateValue
    ) throws(TemplateFunctionError) -> TemplateValue {
        if let elements = value.elements {
            return TemplateValue(elements[try position(key, below: elements.count)])
        }
        switch value {
        case .json(.string(let text), _):
            let bytes = Array(text.utf8)
            return .integer(Int(bytes[try position(key, below: bytes.count)]))
        case .json(.object(let object), let shape):
            guard let name = key.string else {
                throw TemplateFunctionError("value has type \(key.typeName); should be string")
            }
            if let member = object[name] { return .json(member, GoShape.of(name, in: object)) }
            return shape == .map && object.members.allSatisfy { $0.value.text != nil } ? .text("") : .missing
        case .json(.null, .map): return .text("")
        case .missing, .json(.null, _): throw TemplateFunctionError("index of untyped nil")
        default: throw TemplateFunctionError("can't index item of type \(value.typeName)")
        }
    }

    private static func position(_ key: TemplateValue, below count: Int) throws(TemplateFunctionError) -> Int {
        guard case .json(.integer(let index), _) = key else {
            throw TemplateFunctionError("cannot index slice/array with type \(key.typeName)")
        }
        guard index >= 0, index < count else { throw TemplateFunctionError("index out of range: \(index)") }
        return Int(index)
    }

    static func slice(
        _ value: TemplateValue,
        _ bounds: ArraySlice<TemplateValue>
    ) throws(TemplateFunctionError) -> TemplateValue {
        let count: Int
        if let text = value.string {
            count = text.utf8.count
        } else if let elements = value.elements {
            count = elements.count
        } else {
            throw TemplateFunctionError("can't slice item of type \(value.typeName)")
        }
        if bounds.count > 3 { throw TemplateFunctionError("too many slice indexes: \(bounds.count)") }
        if bounds.count == 3, value.string != nil {
            throw TemplateFunctionError("cannot 3-index slice a string")
        }
        var places: [Int] = []
        for bound in bounds { places.append(try position(bound, below: count + 1)) }
        let low = places.first ?? 0
        let high = places.count > 1 ? places[1] : count
        if low > high { throw TemplateFunctionError("invalid slice index: \(low) > \(high)") }
        if let elements = value.elements { return .json(.array(Array(elements[low..<high])), .list) }
        let bytes = Array((value.string ?? "").utf8)
        return .text(String(decoding: bytes[low..<high], as: UTF8.self))
    }
}
