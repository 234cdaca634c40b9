import Foundation
import Objectives

/// The losses as the papers write them, in float64 and one pair at a time: what finite differences are taken of.
struct ReferenceLoss {
    var loss: any Objective
    var targets: ExampleBatch

    /// - Parameter rows: the batch's embeddings
    func value(_ rows: [[Double]]) -> Double {
        let width = targets.kind.roles.count
        let parts = (0..<width).map { role in stride(from: role, to: rows.count, by: width).map { rows[$0] } }
        switch loss {
        case let loss as InBatchNegatives:
            let scale = 1 / loss.temperature
            let forth = contrast(parts[0], parts[1], Array(parts[2...].joined()), scale)
            return loss.symmetric ? (forth + contrast(parts[1], parts[0], [], scale)) / 2 : forth
        case let loss as CoSENT:
            return ranking(parts[0], parts[1], targets.scores, loss.scale, cosine)
        case let loss as CosineRegression:
            let errors = targets.scores.indices.map { index in
                cosine(parts[0][index], parts[1][index])
                    - (targets.scores[index] - loss.lowest) / (loss.highest - loss.lowest)
            }
            return errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
        case let loss as AnglE:
            return angle(loss, rows, parts)
        default: return .nan
        }
    }

    private func angle(_ loss: AnglE, _ rows: [[Double]], _ parts: [[[Double]]]) -> Double {
        if targets.kind == .pair { return contrast(parts[0], parts[1], [], loss.inBatchScale) }
        guard targets.kind == .triplet else {
            return loss.inBatchWeight * labelled(rows, targets.scores, loss.inBatchScale)
                + rankings(loss, parts[0], parts[1], targets.scores)
        }
        let count = parts[0].count
        let scores = Array(repeating: 1.0, count: count) + Array(repeating: 0.0, count: count)
        return
            (loss.inBatchWeight * contrast(parts[0], parts[1], [], loss.inBatchScale)
            + loss.hardNegativeWeight * contrast(parts[0], parts[1], parts[2], loss.inBatchScale)) / 2
            + rankings(loss, parts[0] + parts[0], parts[1] + parts[2], scores)
    }

    /// Central differences.
    func gradient(_ rows: [[Double]], step: Double = 1e-5) -> [Double] {
        rows.indices.flatMap { row in
            rows[row].indices.map { column in
                var (above, below) = (rows, rows)
                above[row][column] += step
                below[row][column] -= step
                return (value(above) - value(below)) / (2 * step)
            }
        }
    }

    private func contrast(_ queries: [[Double]], _ own: [[Double]], _ others: [[Double]], _ scale: Double) -> Double {
        let candidates = own + others
        let losses = queries.indices.map { query in
            let logits = candidates.map { scale * cosine(queries[query], $0) }
            return log(logits.reduce(0) { $0 + exp($1) }) - logits[query]
        }
        return losses.reduce(0, +) / Double(losses.count)
    }

    /// For labels of which no two products with an index agree by accident.
    private func labelled(_ rows: [[Double]], _ scores: [Double], _ scale: Double) -> Double {
        let losses = rows.indices.map { row -> Double in
            guard Int(scores[row / 2]) != 0 else { return 0 }
            let others = rows.indices.filter { $0 != row }
            let total = others.reduce(0) { $0 + exp(scale * cosine(rows[row], rows[$1])) }
            return log(total) - scale * cosine(rows[row], rows[row ^ 1])
        }
        return losses.reduce(0, +) / Double(losses.count)
    }

    private func rankings(_ loss: AnglE, _ first: [[Double]], _ second: [[Double]], _ scores: [Double]) -> Double {
        loss.cosineWeight * ranking(first, second, scores, loss.cosineScale, cosine)
            + loss.angleWeight * ranking(first, second, scores, loss.angleScale, angle)
    }

    private func ranking(
        _ first: [[Double]], _ second: [[Double]], _ scores: [Double], _ scale: Double,
        _ similarity: ([Double], [Double]) -> Double
    ) -> Double {
        let similarities = zip(first, second).map(similarity)
        var sum = 1.0
        for i in scores.indices {
            for j in scores.indices where scores[i] < scores[j] {
                sum += exp(scale * (similarities[i] - similarities[j]))
            }
        }
        return log(sum)
    }

    private func cosine(_ x: [Double], _ y: [Double]) -> Double { dot(x, y) / (dot(x, x) * dot(y, y)).squareRoot() }

    /// The quotient of complex numbers, element by element, as the paper has it.
    private func angle(_ x: [Double], _ y: [Double]) -> Double {
        let half = x.count / 2
        var sum = 0.0
        for k in 0..<half {
            let (a, b, c, d) = (x[k], x[half + k], y[k], y[half + k])
            sum += a * c + b * d + b * c - a * d
        }
        return abs(sum) / (dot(x, x) * dot(y, y)).squareRoot()
    }

    private func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
}
