/// Where a parameter stands among all trained ones, which are kept end to end.
public struct ParameterPlace: Hashable, Sendable {
    public var offset: Int
    public var rows: Int
    public var columns: Int

    public var count: Int { rows * columns }
    public var range: Range<Int> { offset..<offset + count }
}

/// All trained parameters by name, in one flat vector: what optimisers, checkpoints and reductions work on.
public struct ParameterLayout: Hashable, Sendable {
    /// In the order of the vector. Names are Hugging Face's, as PEFT writes them.
    public private(set) var names: [String] = []
    private var places: [String: ParameterPlace] = [:]
    public private(set) var count = 0

    public init() {}

    @discardableResult
    mutating func append(_ name: String, rows: Int, columns: Int) -> ParameterPlace {
        let place = ParameterPlace(offset: count, rows: rows, columns: columns)
        names.append(name)
        places[name] = place
        count += place.count
        return place
    }

    public subscript(name: String) -> ParameterPlace? { places[name] }
}
