import Diagnostics
import Embedding
import Foundation
import Numerics
import TestSupport
import Testing

/// Tests/Golden/postprocessing.json; the script beside it says how it was made.
private struct GoldenPostprocessing: Decodable {
    /// Times 16.
    var vectors: [[Float]]
    var chosen: [Int]
    var centred: [[Double]]
    var whitened: [[Double]]
    var first5: [[Double]]

    static func read() throws -> GoldenPostprocessing {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("postprocessing.json")))
        return try JSONDecoder().decode(GoldenPostprocessing.self, from: data)
    }

    var matrix: FrozenMatrix {
        FrozenMatrix(
            freezing: Matrix(rows: vectors.count, columns: vectors[0].count, vectors.joined().map { $0 / 16 }))
    }
}

struct PostprocessingTests {
    @Test("Centring and whitening, whole and the first dimensions, give NumPy's cosines")
    func numPy() throws {
        let golden = try GoldenPostprocessing.read()
        let all = Array(0..<golden.vectors.count)
        let centre = try FittedTransform(.centre, to: golden.matrix, chosen: golden.chosen)
        let whiten = try FittedTransform(.whiten, to: golden.matrix, chosen: golden.chosen)
        #expect(whiten.rank == golden.vectors[0].count && whiten.fittedCount == golden.chosen.count)
        let whitened = whiten(golden.matrix, chosen: all)
        #expect(largestDifference(centre(golden.matrix, chosen: all), golden.centred) < 1e-5)
        #expect(largestDifference(whitened, golden.whitened) < 1e-5)
        #expect(largestDifference(whitened[columns: 0..<5], golden.first5) < 1e-5)
    }

    @Test("Rows are transformed in the order asked for; a row of zeros stays zeros, and isn't fitted to")
    func rows() throws {
        let embeddings = FrozenMatrix(freezing: Matrix(rows: 4, columns: 2, [1, 5, 0, 0, 3, 1, 2, 0] as [Float]))
        let centre = try FittedTransform(.centre, to: embeddings, chosen: [0, 1, 2])
        #expect(centre.fittedCount == 2)
        let found = centre(embeddings, chosen: [3, 1, 0, 3])
        #expect((0..<4).map(found.array(row:)) == [[0, -3], [0, 0], [-1, 2], [0, -3]])
    }

    @Test("Fewer sentences than dimensions leave directions without variance: they become zeros, and are counted")
    func rank() throws {
        let embeddings = FrozenMatrix(
            freezing: Matrix(rows: 3, columns: 4, [1, 0, 0, 7, 0, 1, 0, 7, 0, 0, 1, 7] as [Float]))
        let whiten = try FittedTransform(.whiten, to: embeddings, chosen: [0, 1, 2])
        #expect(whiten.rank == 2)
        let found = whiten(embeddings, chosen: [0, 1])
        let rows = (0..<2).map(found.array(row:))
        #expect(rows.allSatisfy { $0[2...] == [0, 0] && $0[0].isFinite && $0[1].isFinite })
    }

    @Test("Vectors that are missing, equal or not finite are errors")
    func unfit() throws {
        let embeddings = FrozenMatrix(freezing: Matrix(rows: 3, columns: 2, [0, 0, 1, 1, .nan, 1] as [Float]))
        for (transform, chosen, message) in [
            (EmbeddingTransform.centre, [], "no sentence to fit to has a vector"), (.centre, [0, 0], "no sentence"),
            (.whiten, [1, 1], "don't differ"), (.whiten, [1, 2], "isn't finite"),
        ] {
            let error = #expect(throws: Diagnostic.self) {
                try FittedTransform(transform, to: embeddings, chosen: chosen)
            }
            #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        }
    }

    /// Of the rows' cosines.
    private func largestDifference(_ matrix: FrozenMatrix, _ expected: [[Double]]) -> Double {
        let rows = (0..<matrix.rows).map { matrix.array(row: $0).map(Double.init) }
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map(*).reduce(0, +) }
        return rows.indices.flatMap { i in
            rows.indices.map { j in
                abs(
                    dot(rows[i], rows[j]) / (dot(rows[i], rows[i]) * dot(rows[j], rows[j])).squareRoot()
                        - expected[i][j])
            }
        }.max() ?? .nan
    }
}
