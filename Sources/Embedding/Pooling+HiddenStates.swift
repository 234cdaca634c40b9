import Models
import Numerics

extension Pooling {
    /// The rows of each sequence that it reads, in prompts of any of the templates.
    func rows(in templates: RoleTemplates) -> RowSelection {
        self == .last && templates.all.allSatisfy(\.poolsToTheEnd) ? .last : .all
    }

    /// Pools each sequence's rows into one.
    ///
    /// - Parameters:
    ///   - positions: those of each sequence that are pooled; nil for all
    ///   - out: [sequences, hidden], zeros
    func pool(_ states: HiddenStates, positions: (_ sequence: Int) -> [Range<Int>]?, into out: Matrix) {
        for sequence in 0..<states.sequenceCount {
            let rows = SequenceRows(states, sequence: sequence)
            if states.isLastOnly {
                out.assign(row: sequence, from: states.rows, row: rows.own.lowerBound)
            } else {
                let ranges = positions(sequence) ?? [0..<rows.count]
                pool(rows, at: ranges.flatMap(\.self), into: out, row: sequence)
            }
        }
    }

    /// - Parameter positions: at least one, ascending
    private func pool(_ rows: SequenceRows, at positions: [Int], into out: Matrix, row: Int) {
        guard let first = positions.first, let last = positions.last else { return }
        switch self {
        case .first: rows.withRow(first) { out.assign(row: row, from: $0, row: $1) }
        case .last: rows.withRow(last) { out.assign(row: row, from: $0, row: $1) }
        case .mean, .meanSquareRoot:
            let share = share(ofOneAmong: positions.count)
            for position in positions {
                rows.withRow(position) { Kernels.add($0, row: $1, scale: share, to: out, row: row) }
            }
        case .weightedMean:
            let total = Float(positions.count * (positions.count + 1) / 2)
            for (index, position) in positions.enumerated() {
                let share = Float(index + 1) / total
                rows.withRow(position) { Kernels.add($0, row: $1, scale: share, to: out, row: row) }
            }
        case .max:
            rows.withRow(first) { out.assign(row: row, from: $0, row: $1) }
            for position in positions.dropFirst() {
                rows.withRow(position) { Kernels.maximum($0, row: $1, into: out, row: row) }
            }
        }
    }
}

extension Pooling {
    /// The gradient of the states, given that of what `pool` made of them.
    ///
    /// - Parameters:
    ///   - gradient: [sequences, hidden]
    ///   - statesGradient: of the states' layout, added to
    func poolBackward(
        _ states: HiddenStates, positions: (_ sequence: Int) -> [Range<Int>]?, gradient: Matrix,
        into statesGradient: HiddenStates
    ) {
        for sequence in 0..<states.sequenceCount {
            let rows = SequenceRows(states, sequence: sequence)
            let below = SequenceRows(statesGradient, sequence: sequence)
            func add(_ share: Float, at position: Int) {
                below.withRow(position) { Kernels.add(gradient, row: sequence, scale: share, to: $0, row: $1) }
            }
            let pooled = states.isLastOnly ? [0] : (positions(sequence) ?? [0..<rows.count]).flatMap(\.self)
            guard let first = pooled.first, let last = pooled.last else { continue }
            switch self {
            case .first: add(1, at: first)
            case .last: add(1, at: last)
            case .mean, .meanSquareRoot:
                let share = share(ofOneAmong: pooled.count)
                for position in pooled { add(share, at: position) }
            case .weightedMean:
                let total = Float(pooled.count * (pooled.count + 1) / 2)
                for (index, position) in pooled.enumerated() { add(Float(index + 1) / total, at: position) }
            case .max: addAtMaxima(rows, pooled, gradient: gradient, sequence: sequence, into: below)
            }
        }
    }

    /// What each token's state weighs where all weigh the same.
    private func share(ofOneAmong count: Int) -> Float {
        1 / (self == .meanSquareRoot ? Float(count).squareRoot() : Float(count))
    }

    /// Each component's gradient goes to the first position that has its maximum.
    private func addAtMaxima(
        _ rows: SequenceRows, _ positions: [Int], gradient: Matrix, sequence: Int, into below: SequenceRows
    ) {
        for component in 0..<gradient.columns {
            var (best, highest) = (positions[0], -Float.infinity)
            for position in positions {
                rows.withRow(position) { matrix, row in
                    if matrix[row, component] > highest { (best, highest) = (position, matrix[row, component]) }
                }
            }
            below.withRow(best) { matrix, row in matrix[row, component] += gradient[sequence, component] }
        }
    }
}

/// The rows of one sequence by position: those of the shared prefix, then its own.
private struct SequenceRows {
    private let states: HiddenStates
    private let shared: Int
    let own: Range<Int>

    init(_ states: HiddenStates, sequence: Int) {
        self.states = states
        shared = states.sharedPrefix?.rows ?? 0
        own = states.starts[sequence]..<states.starts[sequence + 1]
    }

    var count: Int { shared + own.count }

    /// Calls `body` with the matrix and the row of a position.
    func withRow(_ position: Int, _ body: (Matrix, Int) -> Void) {
        if let prefix = states.sharedPrefix, position < shared { return body(prefix, position) }
        body(states.rows, own.lowerBound + position - shared)
    }
}
