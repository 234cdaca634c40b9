import Foundation
import Reports
import Results
import Tasks
import TestSupport
import Testing

@Suite("A report's charts")
struct ChartTests {
    @Test("Runs over the number of bidirectional layers are a curve, its numbers, and where it turns")
    func curve() throws {
        let page = try Page(Report([Samples.degradation]).html)
        #expect(page.text.contains("Score against the number of bidirectional layers"))
        // Chart, numbers and attention plans, each laid out for two widths.
        #expect(page.elements.count { $0 == "svg" } == 3 * 2)
        #expect(page.text.contains("54.00 at 4") && page.text.contains("-64.00 from 4 to 5"))
        // Bands, and a mark a run in the chart and in its legend.
        #expect(page.classes.count { $0.hasPrefix("band") } == 2 * 2)
        #expect(page.classes.count { $0.hasPrefix("marker") } == 2 * (14 + 2))
    }

    @Test(
        "Runs that differ by their seed are one point of a curve, their mean, and one colour of their training's curves"
    )
    func seeds() throws {
        var result = ExperimentResult(name: "seeds")
        for count in 0...4 {
            for seed in 1...3 {
                var run = RunRecord(name: "last \(count) seed \(seed)")
                (run.methodID, run.seed, run.layerCount) = ("\(count)", seed, 6)
                run.factors = [RunRecord.Factor("bidirectional", "last \(count)"), RunRecord.Factor("seed", "\(seed)")]
                (run.attentionPlan, run.bidirectionalLayers) = ("last \(count)", Array(6 - count..<6))
                result.runs.append(run)
                result.measures.append(Samples.measure(run.name, Double(count) / 10 + Double(seed) / 100))
                var row = TrainingTable.Row()
                (row.step, row.loss) = (1, Double(count == 1 ? 0 : count) + Double(seed))
                result.training.append(TrainingTable(run: run.name, rows: [row, row]))
            }
        }
        let page = try Page(Report([result]).html)
        #expect(page.text.contains("number of bidirectional layers, from the last 4, last 4 (3 seeds): 42.00"))
        // Without pairs there is nothing to draw an interval from, which is said of means too.
        #expect(page.text.contains("n/a: no interval, because"))
        #expect(page.text.contains("42.00 at 4"))
        // Four colours of loss: two methods trained alike.
        #expect(page.text.contains("last 0 (3 seeds) = last 1 (3 seeds)"))
        #expect(page.classes.count { $0.hasPrefix("curve") && $0.hasSuffix("thin") } == 2 * 4 * 3)
        #expect(!page.classes.contains("curve s4 thin"))
    }

    @Test(
        "Runs of one method that only the experiment's keys tell apart are lines of their own, and none where nothing does"
    )
    func otherFactors() throws {
        var result = ExperimentResult(name: "rates")
        for rate in ["1e-3", "1e-4"] {
            for count in 0...4 {
                var run = RunRecord(name: "\(rate) \(count)")
                (run.layerCount, run.attentionPlan) = (6, "last \(count)")
                run.bidirectionalLayers = Array(6 - count..<6)
                run.factors = [
                    RunRecord.Factor("train.learning_rate", rate), RunRecord.Factor("bidirectional", "\(count)"),
                ]
                result.runs.append(run)
                result.measures.append(Samples.measure(run.name, Double(count) / 10))
            }
        }
        let page = try Page(Report([result]).html)
        #expect(page.text.contains("train.learning_rate 1e-3") && page.text.contains("train.learning_rate 1e-4"))
        for index in result.runs.indices { result.runs[index].factors = [] }
        #expect(!(try Page(Report([result]).html).text.contains("Score against the number")))
    }

    @Test("Charts beside each other have one scale, and an axis without zero says so")
    func oneScale() throws {
        var result = ExperimentResult(name: "two tasks")
        result.runs = ["a", "b"].map { RunRecord(name: $0) }
        for (task, scores) in [("low", [0.41, 0.42]), ("high", [0.81, 0.88])] {
            result.tasks.append(TaskRecord(task: task, kind: STSTask.name, metric: "spearman"))
            for (run, score) in zip(["a", "b"], scores) {
                result.measures.append(Samples.measure(run, score, task: task))
            }
        }
        let text = try Page(Report([result]).html).text
        for task in ["low", "high"] { #expect(text.contains("\(task), score x 100 (axis from 40)"), "\(task)") }
    }

    @Test("Runs that combine two choices are a heat map, with a dash where one is missing")
    func heatMap() throws {
        let page = try Page(Report([Samples.grid]).html)
        #expect(page.text.contains("Combinations"))
        #expect(page.classes.count { $0.hasPrefix("cell") } == 2 * 8)
        #expect(page.classes.count { $0 == "cell best" } == 2)
    }

    @Test(
        "Pairs are dots of the best run and the baseline, the worst named by subset and index; many are thinned, which is said"
    )
    func pairs() throws {
        let page = try Page(Report([Samples.compared]).html)
        #expect(page.text.contains("Gold scores and cosines, pair by pair"))
        #expect(
            page.text.contains("STS-B: close") && page.text.contains("STS-B: loose")
                && !page.text.contains("STS-B: twin"))
        #expect(page.classes.count { $0 == "dots s0" } == 2 * 2)
        #expect(page.text.contains("farthest apart in rank") && page.text.contains("1. s #"))
        var many = Samples.compared
        let count = 4000
        let gold = (0..<count).map { Double($0 % 6) }
        var cosines = gold.map { $0 / 5 }
        // The last but one of gold 5 has the lowest cosine; its neighbour has none.
        (cosines[3995], cosines[3989]) = (-0.5, .nan)
        many.items = [
            ItemRecord(
                run: "close", task: "STS-B",
                ItemTable(
                    STSTask.items,
                    [.text(gold.map { _ in "STS-B" }), .integer(Array(0..<count)), .real(gold), .real(cosines)]))
        ]
        let thinned = try Page(Report([many]).html)
        #expect(thinned.text.contains("1500 of 3999 pairs, evenly spaced, 1 without a finite score left out"))
        #expect(thinned.text.contains("1. #3995: gold 5, cosine -0.50"))
    }

    @Test("Attention plans are a picture where some layer is bidirectional, a row a plan")
    func plans() throws {
        let page = try Page(Report([Samples.degradation]).html)
        #expect(page.text.contains("Attention plans"))
        #expect(page.classes.count { $0 == "layer both" } == 2 * (1 + 2 + 3 + 4 + 5 + 6))
        #expect(page.classes.count { $0 == "layer" } == 2 * (6 + 5 + 4 + 3 + 2 + 1))
        #expect(page.text.contains("last 3: both directions in 3–5"))
        #expect(!(try Page(Report([Samples.grid]).html).text.contains("Attention plans")))
    }

    @Test("Hidden layer and dimensions that are combined are a map in the order of their numbers")
    func layersByDimensions() throws {
        var result = ExperimentResult(name: "both")
        for layer in [3, 0, 1, 2] {
            for dimensions in [64, 8, 16, 32] where layer != 2 || dimensions != 8 {
                var run = RunRecord(name: "layer \(layer) of \(dimensions)")
                (run.hiddenLayer, run.dimensions, run.layerCount) = (layer, dimensions, 3)
                result.runs.append(run)
                result.measures.append(Samples.measure(run.name, Double(layer) / 10 + Double(dimensions) / 1000))
            }
        }
        let page = try Page(Report([result]).html)
        #expect(page.text.contains("dimensions compared, from the first"))
        let start = try #require(page.text.range(of: "Combinations", options: .backwards))
        let map = page.text[start.upperBound...]
        let cells = ["0.80", "1.60", "3.20", "6.40", "10.80", "36.40"].compactMap { map.range(of: $0)?.lowerBound }
        #expect(cells.count == 6 && cells == cells.sorted())
        // A combination that wasn't measured is a dash, not a zero.
        #expect(map.contains("–"))
    }
}
