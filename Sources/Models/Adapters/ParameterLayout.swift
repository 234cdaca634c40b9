import Numerics

/// Where a parameter stands among all trained ones, which are kept end to end.
public struct ParameterPlace: Hashable, Sendable {
    public var offset: Int
    public var rows: Int
    public var columns: Int
    /// Whether files have it as a vector: one row.
    public var isVector = false

    public var count: Int { rows * columns }
    public var range: Range<Int> { offset..<offset + count }
    /// As files have it.
    public var shape: [Int] { isVector ? [columns] : [rows, columns] }
}

/// All trained parameters by name, in one flat vector: what optimisers, checkpoints and reductions work on.
public struct ParameterLayout: Hashable, Sendable {
    /// In the order of the vector. Names are Hugging Face's, as PEFT writes them.
    public private(set) var names: [String] = []
    private var places: [String: ParameterPlace] = [:]
    public private(set) var count = 0
    /// What PEFT's configuration says beside the names.
    var convention = Convention()

    /// What PEFT has to know of the model that an adapter is for.
    struct Convention: Hashable, Sendable {
        /// Whether adapted weights are [inputs, outputs]: `fan_in_fan_out`.
        var isTransposed = false
        var taskType = "CAUSAL_LM"
        /// The modules that are trained whole, by names that PEFT takes for these alone.
        var modulesToSave: [String] = []
    }

    public init() {}

    @discardableResult
    mutating func append(_ name: String, rows: Int, columns: Int, isVector: Bool = false) -> ParameterPlace {
        let place = ParameterPlace(offset: count, rows: rows, columns: columns, isVector: isVector)
        names.append(name)
        places[name] = place
        count += place.count
        return place
    }

    public subscript(name: String) -> ParameterPlace? { places[name] }

    /// The lowest layer with a parameter.
    public var lowestLayer: Int { trainsEmbeddings ? 0 : names.compactMap(Adapter.layer(ofTensor:)).min() ?? 0 }

    /// Whether one is the embedding layer's: what is in no layer is that layer's, or what all layers add to scores, which
    /// stands with it, or the final norm, which stands last.
    public var trainsEmbeddings: Bool { names.first.map { Adapter.layer(ofTensor: $0) == nil } ?? false }
}

/// The gradients of all trained parameters, end to end as the parameters are.
public final class Gradients: @unchecked Sendable {
    // Sendable because the only one who holds it is the worker that fills it, or the sum that it was handed to.
    /// [1, parameters]
    public let values: Matrix

    /// Zeros.
    public init(count: Int) { values = Matrix(rows: 1, columns: count) }

    func view(_ place: ParameterPlace) -> Matrix {
        values.view(from: place.offset, rows: place.rows, columns: place.columns)
    }
}
