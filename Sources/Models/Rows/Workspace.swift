import Numerics

/// One worker's memory for intermediate results: allocated when first needed, kept for the next layer and batch.
public final class Workspace {
    /// What a piece of memory holds. Two that are in use at the same time have two names.
    public enum Slot: Hashable {
        /// A layer's input, and its residual stream between attention and MLP; only where gradients are asked for.
        case layerInput, middle
        /// Attention's and the MLP's output before the norm behind it; only where gradients are asked for.
        case attentionOutput, mlpOutput
        /// The sum that the layer's last norm is taken of; only where gradients are asked for.
        case unnormed
        /// The residual stream of the rows asked for, where they are not all.
        case selectedResidual
        case normed, selectedNormed
        case queries, keysValues, attended
        /// Behind the norms of heads, where what is before them must be kept for gradients.
        case normedQueries, normedKeysValues
        /// What attention adds to its scores, by head and distance.
        case scoreBias
        case gateUp, activated
        /// Attention's or the MLP's output, where a norm stands between it and the residual stream.
        case blockOutput
        case readout
        /// A low-rank adapter's inner vector.
        case adapted(MapSlot)
        /// A low-rank adapter's input without what dropout leaves out.
        case dropped(MapSlot)
        indirect case gradient(of: Slot)

        var isOfAdapters: Bool {
            switch self {
            case .adapted, .dropped: true
            case .gradient(let slot): slot.isOfAdapters
            default: false
            }
        }

        /// Whether its rows are heads.
        var isByHead: Bool {
            switch self {
            case .scoreBias: true
            case .gradient(let slot): slot.isByHead
            default: false
            }
        }

        /// Whether a layer's gradient reads it: the rest is computed again from these.
        var isRecorded: Bool {
            switch self {
            case .layerInput, .middle, .attentionOutput, .mlpOutput, .unnormed, .queries, .keysValues, .attended,
                .gateUp, .adapted:
                true
            default: false
            }
        }
    }

    /// A linear map's place among those of a layer.
    public struct MapSlot: Hashable, Sendable {
        var stack: MapStack
        var part: Int
    }

    private let memory = SlotMemory()
    /// Where what a layer's gradient needs is kept; nil where nobody asks for gradients.
    var recording: SlotMemory?
    /// What low-rank adapters leave out of their inputs; nil outside training.
    public var dropout: Dropout?
    public let linearScratch = LinearScratch()
    /// Scores and transposed keys.
    var attentionScratch: [Float] = []

    public init() {}

    /// A matrix with undefined elements; valid until the slot is asked for again.
    public func matrix(_ slot: Slot, rows: Int, columns: Int) -> Matrix {
        if let recording, slot.isRecorded { return recording.matrix(slot, rows: rows, columns: columns) }
        return memory.matrix(slot, rows: rows, columns: columns)
    }

    /// Columns of all matrices that it holds of a layer's rows, what is recorded and what adapters add not among them.
    package var columns: Int { memory.columns { !$0.isOfAdapters && !$0.isByHead } }

    /// Keeps a copy of rows that will be overwritten, where a gradient needs them.
    func record(_ rows: Matrix, as slot: Slot) {
        recording?.matrix(slot, rows: rows.rows, columns: rows.columns).assign(rows)
    }
}

/// The linear maps that a layer multiplies at once.
enum MapStack: Hashable, Sendable, CaseIterable { case query, keysValues, output, up, down }

/// Matrices by what they hold.
final class SlotMemory {
    private var matrices: [Workspace.Slot: Matrix] = [:]
    private static let rowStep = 128

    /// Columns of the matrices of chosen slots together.
    func columns(where isChosen: (Workspace.Slot) -> Bool) -> Int {
        matrices.filter { isChosen($0.key) }.values.map(\.columns).reduce(0, +)
    }

    /// The slot's matrix, cut to the rows asked for: with its elements where it was asked for before with as many.
    func matrix(_ slot: Workspace.Slot, rows: Int, columns: Int) -> Matrix {
        if let matrix = matrices[slot], matrix.rows >= rows, matrix.columns == columns {
            return matrix[rows: 0..<rows]
        }
        // With room for the next batch, which has about as many rows: new memory costs page faults.
        let matrix = Matrix(rows: (rows + Self.rowStep - 1) / Self.rowStep * Self.rowStep, columns: columns)
        matrices[slot] = matrix
        return matrix[rows: 0..<rows]
    }
}
