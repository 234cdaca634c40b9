import Results
import Tasks
import TestSupport
import Testing

/// Intervals of means, and what a LaTeX table has room for.
extension ResultTableTests {
    @Test(
        "A mean over tasks, and one over seeds, has the interval that a comparison gives it, but for the number of resamples"
    )
    func intervalsOfMeans() throws {
        var result = Self.noisy([("one", "a", -1, 0.4), ("two seed=1", "b", 1, 0.3), ("two seed=2", "b", 2, 0.35)])
        result.tasks = ["STS12", "STS-B"].enumerated().map { place, name in
            var record = Samples.sts(name)
            (record.suite, record.place, record.suiteCount) = ("Avg", place + 1, 2)
            return record
        }
        result.items += result.items.map { record in
            var record = record
            record.task = "STS12"
            return record
        }
        result.measures += result.measures.map { record in
            var record = record
            record.measure.task = "STS12"
            return record
        }
        let table = ResultTable(result)
        #expect(table.columns.prefix(3) == ["STS12", "STS-B", "Avg"] && table.lines.map(\.runs.count) == [1, 2])
        let judged = table.judged
        #expect(judged.isBest == table.bestCells && judged.intervals == table.intervals)
        // Without an interval in the result, a single run's task has none.
        #expect(judged.intervals[0].prefix(2) == [nil, nil] && judged.intervals[1].allSatisfy { $0 != nil })
        try Fixtures.withTemporaryFolder { folder in
            try result.write(to: folder + "/r.h5")
            let sides = try ["one", "two"].map { try RunReference("\(folder)/r.h5:\($0)").load() }
            let compared = try RunComparison(sides[0], sides[1]).lines[2]
            for (own, other) in zip(judged.intervals.map { $0[2] }, [compared.firstInterval, compared.secondInterval]) {
                let own = try #require(own)
                #expect(abs(own.lowerBound - 100 * other.lower) < 1 && abs(own.upperBound - 100 * other.upper) < 1)
            }
        }
    }

    @Test(
        "A LaTeX table is no wider than its column, its caption is sentences, and more rows than a page holds are said")
    func fitting() throws {
        var result = Self.noisy([("one", "a", -1, 0.4), ("two", "b", -1, 0.3)])
        var options = TableOptions()
        (options.baseline, options.caption) = ("one", "Two of them.")
        let latex = try ResultTable(result).showing(options).rendered(as: .latex)
        #expect(latex.contains("\\ifdim\\wd0>\\linewidth\\resizebox{\\linewidth}"))
        #expect(latex.contains("\\caption{Two of them. Differences are to one;"), "\(latex)")
        #expect(!latex.contains("more than a page holds"))
        result = ExperimentResult(name: "many")
        for index in 0..<60 { result.measures.append(Self.measure("run \(index)", "spearman", Double(index) / 100)) }
        #expect(
            ResultTable(result).rendered(as: .latex).contains("% 60 rows are more than a page holds; --where keeps"))
    }
}
