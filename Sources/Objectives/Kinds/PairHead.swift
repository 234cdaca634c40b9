import Diagnostics
import Embedding
import Numerics

/// Dense layers over the two embeddings of a pair, which say a score z in the place of the cosine; learnt from scores and, beside
/// them, from what a teacher says of the same pairs:
///
///     (1 − α) · mean (z − y)² + α · mean (z − t)²,  z = head [u; v; u ⊙ v; |u − v|]
///
/// Distilled Sentence Embeddings, arXiv 1908.05161: its head is one hidden layer of 512 with `relu`, its task a class of the pair;
/// here it is a score, as STS has it. The embeddings are read as they are, not at unit length.
public struct PairHead: ParametricObjective {
    /// α; 0 for no teacher.
    public var alpha = 0.5
    /// The widths of the hidden layers; none for a linear map.
    public var hidden = [512]
    public var activation = HeadActivation.relu
    /// y: a score between these, from 0 to 1.
    public var scores = CosineRegression()

    public init() {}

    public static let name = "pair_head"
    public static let fields: [ObjectiveField<Self>] = [
        .number("alpha", \.alpha),
        ObjectiveField(
            "hidden", read: { $1.hidden = try $0.list(of: "widths").map { try $0.integer() } },
            write: { PlainValue(.list($0.hidden.map { PlainValue(.integer($0)) })) }),
        .choice("activation", \.activation),
        .number("lowest_score", \.scores.lowest), .number("highest_score", \.scores.highest),
    ]

    private var isTeacherAlone: Bool { alpha == 1 }

    public var idleKeys: [String] {
        (isTeacherAlone ? ["lowest_score", "highest_score"] : []) + (hidden.isEmpty ? ["activation"] : [])
    }

    public var takes: [ExampleKind] {
        if alpha == 0 { return [.scoredPair] }
        let kinds: [ExampleKind] = isTeacherAlone ? [.pair, .scoredPair] : [.scoredPair]
        return kinds.map(\.taught)
    }

    public func validate() throws {
        guard alpha >= 0, alpha <= 1 else { throw Diagnostic.expectedNumber("alpha", "from 0 to 1", found: alpha) }
        if let bad = hidden.first(where: { !(1...65_536).contains($0) }) {
            throw Diagnostic.expectedNumber("hidden", "widths from 1 to 65536", found: Double(bad))
        }
        if !isTeacherAlone { try scores.validate() }
    }

    public func check(_ examples: ExampleBatch) throws {
        if !isTeacherAlone { try scores.check(examples.untaught) }
    }

    public func layers(_ step: ObjectiveStep) -> HeadShape {
        let widths = [4 * step.dimensions] + hidden + [1]
        return HeadShape(
            zip(widths, widths.dropFirst()).enumerated().map { index, width in
                DenseLayer(
                    inputs: width.0, outputs: width.1, activation: index < hidden.count ? activation : .identity)
            })
    }

    public func value(
        of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep, through head: Head,
        into parameters: Matrix
    ) throws -> ObjectiveValue {
        let rows = embeddings[0]
        try rows.checkFinite(batch.kind)
        let recording = head.record(Self.features(of: rows))
        let count = rows.rows / 2
        let scores = (0..<count).map { Double(recording.output[$0, 0]) }
        var slopes = [Double](repeating: 0, count: count)
        var value = 0.0
        func add(_ weight: Double, _ targets: [Double]) {
            guard weight > 0 else { return }
            for index in 0..<count {
                let error = scores[index] - targets[index]
                value += weight / Double(count) * error * error
                slopes[index] += 2 * weight / Double(count) * error
            }
        }
        if !isTeacherAlone {
            let range = self.scores.highest - self.scores.lowest
            add(1 - alpha, batch.scores.map { ($0 - self.scores.lowest) / range })
        }
        if alpha > 0 { add(alpha, batch.teacherSimilarities) }
        let gradient = head.backward(
            recording, gradient: Matrix(rows: count, columns: 1, slopes.map(Float.init)), into: parameters)
        return ObjectiveValue(value: value, gradients: [Self.gradient(gradient, of: rows)])
    }

    /// - Parameter rows: u and v of a pair, then those of the next: [2 · pairs, d]
    /// - Returns: [u; v; u ⊙ v; |u − v|], [pairs, 4 d]
    static func features(of rows: Matrix) -> Matrix {
        let (count, width) = (rows.rows / 2, rows.columns)
        let features = Matrix(rows: count, columns: 4 * width)
        for pair in 0..<count {
            let (u, v) = (rows.array(row: 2 * pair), rows.array(row: 2 * pair + 1))
            features.assign(
                row: pair, from: u + v + zip(u, v).map { $0 * $1 } + zip(u, v).map { abs($0 - $1) })
        }
        return features
    }

    /// - Parameter gradient: of the features of `rows`; that of |x| at 0 is 0, as PyTorch has it
    private static func gradient(_ gradient: Matrix, of rows: Matrix) -> Matrix {
        let width = rows.columns
        let found = Matrix(rows: rows.rows, columns: width)
        for pair in 0..<gradient.rows {
            let (u, v) = (rows.array(row: 2 * pair), rows.array(row: 2 * pair + 1))
            let slope = gradient.array(row: pair)
            var (ofU, ofV) = (Array(slope[..<width]), Array(slope[width..<2 * width]))
            for index in 0..<width {
                let product = slope[2 * width + index]
                let difference = slope[3 * width + index]
                let sign: Float = u[index] > v[index] ? 1 : u[index] < v[index] ? -1 : 0
                ofU[index] += product * v[index] + sign * difference
                ofV[index] += product * u[index] - sign * difference
            }
            found.assign(row: 2 * pair, from: ofU)
            found.assign(row: 2 * pair + 1, from: ofV)
        }
        return found
    }
}

extension Matrix {
    /// - Throws: a diagnostic that names the first embedding that holds a NaN or an infinity
    func checkFinite(_ kind: ExampleKind) throws(Diagnostic) {
        for (row, square) in Kernels.rowDots(self, self).enumerated() where !square.isFinite {
            let (example, role) = row.quotientAndRemainder(dividingBy: kind.roles.count)
            throw Diagnostic(
                "example \(example + 1) of the batch, \(kind.roles[role]): expected a finite embedding, found NaN or infinity",
                suggestion: "lower the learning rate")
        }
    }
}
