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
        "A LaTeX table is no wider than its column, its caption is sentences, and more rows than a page holds are several tables"
    )
    func fitting() throws {
        var result = Self.noisy([("one", "a", -1, 0.4), ("two", "b", -1, 0.3)])
        var options = TableOptions()
        (options.baseline, options.caption) = ("one", "Two of them.")
        let latex = try ResultTable(result).showing(options).rendered(as: .latex)
        #expect(latex.contains("\\ifdim\\wd0>\\linewidth\\resizebox{\\linewidth}"))
        #expect(latex.contains("\\caption{Two of them. Differences are to one;"), "\(latex)")
        #expect(!latex.contains("(continued)"))
        result = ExperimentResult(name: "many")
        for index in 0..<60 { result.measures.append(Self.measure("run \(index)", "spearman", Double(index) / 100)) }
        let row = PublishedRow(
            paper: "p", name: "theirs", backbone: "", trained: "", source: "",
            scores: [PublishedRow.TaskScore("STS-B", 50)])
        result.published = [row]
        let tables = ResultTable(result).rendered(as: .latex).components(separatedBy: "\\begin{table}").dropFirst()
        // Cut evenly, each with its header; the number and the label are the first one's.
        #expect(tables.map { $0.components(separatedBy: "\nrun ").count - 1 } == [31, 31])
        let (first, second) = (tables[1], tables[2])
        #expect(first.contains("run 29 &") && !first.contains("run 30 &") && second.contains("run 30 &"))
        #expect(first.contains("\\label{tab:many}") && !first.contains("addtocounter"))
        #expect(second.contains("\\addtocounter{table}{-1}") && second.contains("\\caption{(continued)}"))
        #expect(!second.contains("\\label") && !first.contains("theirs") && second.contains("theirs & 50.00"))
        for index in 60..<72 { result.measures.append(Self.measure("run \(index)", "spearman", 0)) }
        // 36 and 36 leave no room for those of others.
        #expect(ResultTable(result).rendered(as: .latex).components(separatedBy: "\\begin{table}").count == 4)
    }

    @Test("A value that rows share stands once on each page that they are on")
    func sharedValues() throws {
        var result = ExperimentResult(name: "many")
        for pooling in ["last", "mean", "max"] {
            for index in 0..<20 {
                var run = RunRecord(name: "\(pooling) \(index)")
                run.factors = [RunRecord.Factor("pooling", pooling), RunRecord.Factor("layer", "\(index)")]
                result.runs.append(run)
                result.measures.append(Self.measure(run.name, "spearman", Double(index) / 100))
            }
        }
        let tables = ResultTable(result).rendered(as: .latex).components(separatedBy: "\\begin{table}").dropFirst()
        for (table, values) in zip(tables, [[(20, "last"), (10, "mean")], [(10, "mean"), (20, "max")]]) {
            for (count, value) in values { #expect(table.contains("\n\\multirow[t]{\(count)}{*}{\(value)} & ")) }
            #expect(table.components(separatedBy: "\\multirow").count == 3, "\(table)")
        }
    }
}
