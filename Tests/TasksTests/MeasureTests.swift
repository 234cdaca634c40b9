import Numerics
import Tasks
import TestSupport
import Testing

@Suite("Measures of a task")
struct MeasureTests {
    /// MSRpar, MSRvid, SMTeuroparl, in this order.
    func goldenTask() throws -> (task: STSTask, golden: GoldenStatistics.Aggregates) {
        let golden = try GoldenStatistics.load().aggregates
        let names = ["MSRpar", "MSRvid", "SMTeuroparl"]
        let labels = names.flatMap { Array(repeating: $0, count: golden.subsets[$0] ?? 0) }
        let pairs = zip(labels, golden.gold).map {
            SentencePair(first: "a", second: "b", gold: $0.1, subset: $0.0)
        }
        return (try Catalogue.sts("STS12", pairs), golden)
    }

    @Test("Subsets in order, then all, mean and wmean, of both metrics, equal to SciPy and NumPy to 1e-10")
    func aggregations() throws {
        let (task, golden) = try goldenTask()
        let measures = task.measures(cosines: golden.cosines, task: "STS12")
        for metric in ["spearman", "pearson"] {
            let own = measures.filter { $0.metric == metric }
            #expect(own.map(\.slice) == ["MSRpar", "MSRvid", "SMTeuroparl", "all", "mean", "wmean"])
            #expect(own.map(\.count) == [12, 20, 8, 40, 40, 40])
            for measure in own {
                let expected = try #require(golden.expected[metric]?[measure.slice])
                #expect(agree(measure.value, expected), "\(metric) of \(measure.slice)")
            }
        }
        #expect(measures.count == 12 && measures.allSatisfy { $0.task == "STS12" })
    }

    @Test("The interval belongs to the slice's own pairs; means of coefficients draw each subset by itself")
    func intervals() throws {
        let (task, golden) = try goldenTask()
        for measure in task.measures(cosines: golden.cosines, task: "STS12") {
            guard !measure.slice.hasSuffix("mean") else {
                let interval = try #require(measure.interval)
                #expect(interval.lower < measure.value && measure.value < interval.upper)
                continue
            }
            let members = task.pairs.indices.filter { measure.slice == "all" || task.pairs[$0].subset == measure.slice }
            let resampled = Bootstrap.standard.correlations(
                of: [members.map { golden.cosines[$0] }], with: members.map { golden.gold[$0] }, stream: "STS12")[0]
            let interval = try #require(measure.interval)
            let distribution = measure.metric == "spearman" ? resampled.spearman : resampled.pearson
            #expect(interval == ConfidenceInterval(percentilesOf: distribution))
            #expect(interval.lower < measure.value && measure.value < interval.upper)
        }
    }

    @Test("The interval of a mean over subsets is that of the means of their own resamples, from the items alone too")
    func intervalsOfMeans() async throws {
        let (task, golden) = try goldenTask()
        let measures = task.measures(cosines: golden.cosines, task: "STS12")
        let items = ItemTable(
            STSTask.items,
            [
                .text(task.pairs.map(\.subset)), .integer(Array(task.pairs.indices)), .real(golden.gold),
                .real(golden.cosines),
            ])
        for measure in measures {
            let found = STSTask.resample(
                measure.metric, slice: measure.slice, of: [items], bootstrap: .standard, task: "STS12")
            let sample = try #require(found.first)
            #expect(abs(sample.observed - measure.value) < 1e-12)
            #expect(measure.interval == ConfidenceInterval(percentilesOf: sample.resampled))
        }
        // By hand: three subsets, each with draws of its own name.
        let sets = ["MSRpar", "MSRvid", "SMTeuroparl"].map { subset in
            task.pairs.indices.filter { task.pairs[$0].subset == subset }
        }
        let resampled = zip(["MSRpar", "MSRvid", "SMTeuroparl"], sets).map { subset, members in
            Bootstrap.standard.correlations(
                of: [members.map { golden.cosines[$0] }], with: members.map { golden.gold[$0] },
                stream: "STS12\u{1F}\(subset)")[0].spearman
        }
        let mean = (0..<Bootstrap.standard.resamples).map { index in resampled.map { $0[index] }.reduce(0, +) / 3 }
        let expected = ConfidenceInterval(percentilesOf: mean)
        let measured = try #require(measures.first { $0.slice == "mean" && $0.metric == "spearman" }?.interval)
        #expect(abs(measured.lower - expected.lower) < 1e-12 && abs(measured.upper - expected.upper) < 1e-12)
    }

    @Test("A subset without a correlation makes the means NaN, and leaves all as it is")
    func undefinedSubset() throws {
        let (task, golden) = try goldenTask()
        var cosines = golden.cosines
        for index in 0..<12 { cosines[index] = 0.5 }
        let measures = task.measures(cosines: cosines, task: "STS12")
        func value(_ slice: String, _ metric: String) -> Double? {
            measures.first { $0.slice == slice && $0.metric == metric }?.value
        }
        #expect(value("MSRpar", "spearman")?.isNaN == true)
        #expect(value("mean", "spearman")?.isNaN == true)
        #expect(value("wmean", "pearson")?.isNaN == true)
        #expect(value("all", "spearman")?.isFinite == true)
    }

    @Test("STS-B has its years and all; SICK-R only all; a task without pairs has NaN, not a crash")
    func withoutMeans() throws {
        func slices(_ name: String, _ pairs: [SentencePair], _ cosines: [Double]) throws -> [String] {
            try Catalogue.sts(name, pairs).measures(cosines: cosines, task: name).filter { $0.metric == "spearman" }
                .map(\.slice)
        }
        let pairs = ["2015", "2012", "2015"].map { SentencePair(first: "a", second: "b", gold: 1, subset: $0) }
        #expect(try slices("STS-B", pairs, [1, 2, 3]) == ["2012", "2015", "all"])
        let whole = pairs.map { SentencePair(first: $0.first, second: $0.second, gold: 1) }
        #expect(try slices("SICK-R", whole, [1, 2, 3]) == ["all"])
        #expect(try slices("STS12", [], []) == ["all", "mean", "wmean"])
        let empty = try Catalogue.sts("STS12", []).measures(cosines: [], task: "STS12")
        #expect(empty.allSatisfy { $0.value.isNaN && $0.count == 0 && $0.interval == nil })
    }

    @Test("A transfer task's accuracy and F1 have intervals, and come out of its table of predictions alone")
    func transferIntervals() async throws {
        let examples = (0..<60).map { index in
            LabelledExample(["\(index)", "x"], label: index % 2, part: index < 40 ? .training : .test)
        }
        let task = TransferTask(examples)
        let rows = Matrix(rows: 61, columns: 2)
        for index in 0..<61 {
            // Every fifth example looks like one of the other class.
            let label = index % 5 == 0 ? 1 - index % 2 : index % 2
            rows.assign(row: index, from: index == 60 ? [0, 0] : [Float(label), Float(index % 3) / 10])
        }
        let places = (0..<60).flatMap { [$0, 60] }
        let outcome = try await task.measure(
            TaskEmbeddings(rows: FrozenMatrix(freezing: rows), places: places, task: "t", workers: 2))
        #expect(outcome.measures.map(\.metric) == ["accuracy", "f1"])
        #expect(outcome.items.count == 20 && outcome.items.integers("index") == Array(40..<60))
        for measure in outcome.measures {
            let interval = try #require(measure.interval)
            #expect(
                interval.lower <= measure.value && measure.value <= interval.upper && interval.lower < interval.upper)
            #expect(measure.count == 20)
            let again = TransferTask.resample(
                measure.metric, of: [outcome.items, outcome.items], bootstrap: .standard, stream: "t")
            #expect(again.map(\.observed) == [measure.value, measure.value])
            #expect(again[0].resampled == again[1].resampled)
            #expect(interval == ConfidenceInterval(percentilesOf: again[0].resampled))
        }
    }
}
