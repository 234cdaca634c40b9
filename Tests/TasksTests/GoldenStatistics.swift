import Foundation
import TestSupport

/// Tests/Golden/statistics.json; the script beside it says how it was made.
struct GoldenStatistics: Decodable {
    /// Two variables and what SciPy makes of them.
    struct Example: Decodable {
        var name: String
        var x: [GoldenNumber]
        var y: [GoldenNumber]
        var pearson: GoldenNumber
        var spearman: GoldenNumber
    }

    /// Three subsets, one after the other, and their scores by name (the subsets', `all`, `mean`, `wmean`).
    struct Aggregates: Decodable {
        var cosines: [Double]
        var gold: [Double]
        /// Pairs by name.
        var subsets: [String: Int]
        /// By measure, `spearman` or `pearson`, then by name.
        var expected: [String: [String: GoldenNumber]]
    }

    var cases: [Example]
    var aggregates: Aggregates

    static func load() throws -> GoldenStatistics {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("statistics.json")))
        return try JSONDecoder().decode(GoldenStatistics.self, from: data)
    }
}

/// A JSON number, or the string of a value that JSON lacks.
struct GoldenNumber: Decodable {
    var value: Double

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            value = number
        } else {
            value = Double(try container.decode(String.self)) ?? 0
        }
    }
}

/// Whether both are NaN, or they are equal to 1e-10.
func agree(_ found: Double, _ expected: GoldenNumber) -> Bool {
    expected.value.isNaN ? found.isNaN : abs(found - expected.value) <= 1e-10
}
