import Foundation
import Results
import Tasks

/// Results to report on and to draw.
enum Samples {
    /// Two lines over the number of bidirectional layers, on a backbone of six.
    static var degradation: ExperimentResult {
        var result = ExperimentResult(name: "degradation")
        for pooling in ["last", "mean"] {
            for count in 0...6 {
                var run = RunRecord(name: "last \(count) \(pooling)")
                (run.pooling, run.layerCount, run.backbone) = (pooling, 6, "tiny")
                run.attentionPlan = count == 0 ? "none" : "last \(count)"
                run.bidirectionalLayers = Array(6 - count..<6)
                result.runs.append(run)
                let score = count < 5 ? 0.5 + Double(count) / 100 : -0.1
                result.measures.append(
                    measure(run.name, score, ConfidenceInterval(lower: score - 0.1, upper: score + 0.1)))
            }
        }
        return result
    }

    static func measure(
        _ run: String, _ value: Double, _ interval: ConfidenceInterval? = nil, task: String = "STS-B"
    ) -> MeasureRecord {
        MeasureRecord(
            run: run, Measure(task: task, metric: "spearman", value: value, interval: interval, count: 9))
    }

    /// Prompt by pooling, one combination missing.
    static var grid: ExperimentResult {
        var result = ExperimentResult(name: "grid")
        for prompt in ["plain", "prompteol", "word"] {
            for pooling in ["last", "mean", "first"] where !(prompt == "word" && pooling == "first") {
                var run = RunRecord(name: "\(prompt) \(pooling)")
                (run.prompt, run.pooling, run.normaliser) = (prompt, pooling, prompt == "plain" ? "none" : "prompteol")
                result.runs.append(run)
                result.measures.append(measure(run.name, Double(result.runs.count) / 20))
            }
        }
        return result
    }

    /// Three runs of which two are alike, with the pairs that tell.
    static var compared: ExperimentResult {
        var result = ExperimentResult(name: "compared")
        result.tasks = [TaskRecord(task: "STS-B", kind: STSTask.name, metric: "spearman")]
        let gold = (0..<40).map { Double($0 % 11) / 2 }
        for (name, score, noise) in [("loose", 0.3, 3.0), ("close", 0.8, 0.1), ("twin", 0.7999, 0.1001)] {
            result.runs.append(RunRecord(name: name))
            result.measures.append(measure(name, score))
            let cosines = gold.enumerated().map { tanh($1 / 5 + noise * sin(Double($0 * $0))) }
            let table = ItemTable(
                STSTask.items,
                [.text(gold.map { _ in "s" }), .integer(Array(0..<40)), .real(gold), .real(cosines)])
            result.items.append(ItemRecord(run: name, task: "STS-B", table))
        }
        return result
    }

    /// One that a careless writer would break.
    static var hostile: ExperimentResult {
        let name = "<img src=x onerror=\"alert(1)\"> & ü 🍎"
        var result = ExperimentResult(name: name)
        var run = RunRecord(name: name)
        run.template = "</td></table><script>{text}</script>"
        run.warnings = ["]]> \u{1} --> &amp;"]
        result.runs = [run]
        result.measures = [
            measure(name, .nan, task: "<b>"), measure(name, 1, task: "t"),
        ]
        result.provenance = [ProvenanceEntry("y\"<", "a: 1\n</pre><script>"), ProvenanceEntry("empty", "")]
        result.leftOut = [LeftOutTask(task: "<i>")]
        return result
    }
}
