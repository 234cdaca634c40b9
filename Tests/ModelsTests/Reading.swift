import Models
import Numerics
import TestSupport
import Weights

extension TinyLlama {
    /// The library's model of the same weights.
    func backbone(_ maker: LinearMaker = LinearMaker(), isResident: Bool = true) throws -> any AdaptableBackbone {
        try Checkpoint(gguf: GGUFFile(MappedFile(gguf, as: "tiny.gguf"))).backbone(maker, isResident: isResident)
    }
}

extension PackedBatch {
    /// Each sequence with what it begins with alike with the one before, but for its last token, in that one's rows.
    init(sharingBeginnings sequences: [[Int32]]) {
        self.init()
        for (index, sequence) in sequences.enumerated() {
            let before = index > 0 ? sequences[index - 1] : []
            let shared = zip(before, sequence.dropLast()).prefix { $0 == $1 }.count
            append(sequence.dropFirst(shared), sharing: shared)
        }
    }
}

/// For each readout and sequence, its rows end to end, those of a shared prefix first.
///
/// - Parameters:
///   - sharing: whether sequences that begin alike share rows
///   - workspace: kept by tests that read often, for oneDNN compiles its products once in each
func read(
    _ readouts: [Readout], of sequences: [[Int32]], after prefix: [Int32] = [], sharing: Bool = false,
    by backbone: any Backbone,
    _ workspace: Workspace = Workspace()
) throws -> [[[Float]]] {
    let highest = readouts.map(\.hiddenLayer).max() ?? 0
    let shared =
        try prefix.isEmpty ? nil : PrefixStates.upTo(highest, of: prefix, backbone: backbone, workspace: workspace)
    var found = [[[Float]]](repeating: [], count: readouts.count)
    try ForwardPass.run(
        backbone, batch: sharing ? PackedBatch(sharingBeginnings: sequences) : PackedBatch(sequences), after: shared,
        readouts: readouts, workspace: workspace
    ) { index, states in
        let prefixRows = states.sharedPrefix.map { shared in (0..<shared.rows).flatMap(shared.array(row:)) } ?? []
        found[index] = (0..<states.sequenceCount).map { sequence in
            prefixRows + (states.starts[sequence]..<states.starts[sequence + 1]).flatMap(states.rows.array(row:))
        }
    }
    return found
}

/// Random sequences of the given lengths.
func sequences(_ lengths: [Int], vocabulary: Int = 256, seed: UInt64 = 7) -> [[Int32]] {
    var random = SeededRandom(seed: seed)
    return lengths.map { length in (0..<length).map { _ in Int32.random(in: 0..<Int32(vocabulary), using: &random) } }
}

let plans: [AttentionPlan] = [.none, .all, .last(1), .last(2), .from(1), .layers([0]), .layers([0, 2])]
