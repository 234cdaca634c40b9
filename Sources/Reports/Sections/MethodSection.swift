import Embedding
import Foundation
import Results

/// The plan of each run: its embedding method, and what it cost. What all runs share is said once.
struct MethodSection {
    let result: ExperimentResult

    private struct Column: Sendable {
        let name: String
        let text: @Sendable (RunRecord) -> String

        init(name: String, text: @escaping @Sendable (RunRecord) -> String) { (self.name, self.text) = (name, text) }

        init(_ column: MethodColumn) {
            let words = MethodWording.all[column.name]
            self.init(name: words?.title ?? column.title) { run in
                words?.cell?(run) ?? run.method[column.name]?.text ?? ""
            }
        }
    }

    private static let columns =
        [
            Column(name: "backbone") { $0.backbone },
            Column(name: "adapter") { $0.adapter.isEmpty ? "none" : $0.adapter },
            Column(name: "precision") { $0.precision },
            Column(name: "prompt") { $0.prompt.isEmpty ? "–" : $0.prompt },
        ] + MethodField.columns.map(Column.init) + [
            Column(name: "post-processing") { $0.postprocessing.isEmpty ? "none" : $0.postprocessing },
            Column(name: "dimensions") { $0.dimensions == 0 ? "all" : String($0.dimensions) },
            Column(name: "sentences") { "\($0.sentences), \($0.uniqueSentences) distinct" },
            Column(name: "tokens") { "\($0.tokens)" },
            Column(name: "tokens computed") { "\($0.tokensComputed)" },
            Column(name: "from the cache") { "\($0.cacheHits) sentences" },
            Column(name: "pass took") { String(format: "%.1f s", $0.seconds) },
            Column(name: "peak memory") { "\($0.peakBytes / 1_000_000) MB" },
        ]

    /// A table with more rows scrolls under its head.
    private static let tallRows = 24

    var markup: Markup {
        guard let first = result.runs.first else { return .nothing }
        let isShared = Self.columns.map { column in
            result.runs.allSatisfy { column.text($0) == column.text(first) }
        }
        let shared = zip(Self.columns, isShared).filter(\.1).map { column, _ in
            (column.name, Markup.element("code", text: column.text(first)))
        }
        let own = zip(Self.columns, isShared).filter { !$0.1 }.map(\.0)
        let rows = result.runs.map { run in
            Page.row(run.name, cells: own.map { .element("td", [:], [.element("code", text: $0.text(run))]) })
        }
        let table = Page.table(
            caption: "What each run does, and what it cost", head: [Page.head("run")] + own.map { Page.head($0.name) },
            isTall: rows.count > Self.tallRows, bodies: [rows])
        return .group([
            .element("p", ["class": "soft"], text: result.runs.count > 1 ? "The same in all runs:" : "The run:"),
            Page.definitions(shared), result.runs.count > 1 && !own.isEmpty ? table : .nothing,
            Page.details("First prompt of each template, and its token ids", prompts),
        ])
    }

    private var prompts: Markup {
        Page.definitions(
            inOrder(result.runs) { [$0.firstPrompt, $0.firstTokenIDs.description] }.compactMap { runs in
                runs.first.map { run in
                    let count = runs.count > 1 ? " and \(runs.count - 1) more" : ""
                    let ids = Markup.element("code", text: run.firstTokenIDs.description)
                    return (
                        run.name + count,
                        .group([.element("code", text: run.firstPrompt), .element("br"), ids])
                    )
                }
            })
    }

    /// `0–3, 7`.
    static func ranges(_ numbers: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, number == last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)" }
            .joined(separator: ", ")
    }
}
