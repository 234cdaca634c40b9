import Reports
import Results
import Tasks
import TestSupport
import Testing

/// Charts of many lines, and of pairs that lie close.
extension ChartTests {
    @Test(
        "Charts call lines and maps as the table calls their runs, divide lines evenly, and leave what only a map can show to it"
    )
    func manyLines() throws {
        var result = ExperimentResult(name: "both")
        for (name, prompt) in [("own words", "prompteol"), ("none", "plain")] {
            for layer in 0..<20 {
                for dimensions in [8, 16, 32, 64, 128] {
                    var run = RunRecord(name: "\(name) layer \(layer) dimensions \(dimensions)")
                    (run.prompt, run.hiddenLayer, run.dimensions, run.layerCount) = (prompt, layer, dimensions, 20)
                    run.factors = [
                        RunRecord.Factor("run", name), RunRecord.Factor("layer", "\(layer)"),
                        RunRecord.Factor("dimensions", "\(dimensions)"),
                    ]
                    result.runs.append(run)
                    result.measures.append(Samples.measure(run.name, Double(layer * dimensions) / 3000))
                }
            }
        }
        let page = try Page(Report([result]).html)
        // 10 lines over the layer in two charts of 5; 40 over the dimensions are in the maps alone.
        #expect(page.text.contains("Score against the hidden layer, 5 lines"))
        #expect(!page.text.contains("Score against the number of dimensions"))
        #expect(page.text.contains("own words, dimensions 128") && !page.text.contains("prompteol, 128 dimensions"))
        #expect(page.text.contains("STS-B: own words") && page.text.contains("STS-B: none"))
    }

    @Test("Numbers of named pairs that lie close stand apart")
    func closePairs() throws {
        var result = Samples.compared
        let gold = (0..<40).map { $0 < 3 ? 2.5 : Double($0 % 11) / 2 }
        // Three in the same place, far off the rest.
        let cosines = gold.enumerated().map { $0 < 3 ? -0.9 + Double($0) / 1000 : $1 / 5 }
        result.items = [
            ItemRecord(
                run: "close", task: "STS-B",
                ItemTable(
                    STSTask.items,
                    [.text(gold.map { _ in "s" }), .integer(Array(0..<40)), .real(gold), .real(cosines)]))
        ]
        let html = Report([result]).html
        let places = (1...3).compactMap { number -> [Double]? in
            let tags = html.components(separatedBy: ">\(number)</text>").dropLast().compactMap {
                $0.components(separatedBy: "<text").last
            }
            return tags.first { $0.contains("on-grid") }?.matches(of: /[xy]="(-?[0-9.]+)"/).compactMap { Double($0.1) }
        }
        #expect(places.count == 3 && places.allSatisfy { $0.count == 2 })
        for (one, other) in [(0, 1), (0, 2), (1, 2)] where places.count == 3 {
            #expect(zip(places[one], places[other]).contains { abs($0 - $1) > 7 }, "\(places)")
        }
    }
}
