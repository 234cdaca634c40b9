import Results
import Tasks

extension ScatterPlot {
    /// So many of the worst are named.
    private static let named = 5

    /// The pairs of a run on the task of a column; nil where the result has none of them.
    ///
    /// - Parameter line: of several seeds the first is drawn, which the title says
    init?(_ charted: ChartedRuns, column: Int, line: TableLine) {
        let task = charted.table.columns[column]
        guard let run = line.runs.first,
            let items = charted.result.items.first(where: { $0.run == run && $0.task == task })?.table,
            items.schema == STSTask.items
        else { return nil }
        let (subsets, indices) = (items.texts("subset"), items.integers("index"))
        let all = zip(zip(subsets, indices), zip(items.reals("gold"), items.reals("cosine"))).map { item, scores in
            let subset = ["", Aggregation.all.rawValue, task].contains(item.0) ? "" : "\(item.0) "
            return Pair(name: "\(subset)#\(item.1)", gold: scores.0, cosine: scores.1)
        }
        pairs = all.filter { $0.gold.isFinite && $0.cosine.isFinite }
        guard pairs.count > 1 else { return nil }
        worst = Self.worst(of: pairs)
        let name = line.isMean ? "\(run), the first of \(line.runs.count) seeds" : charted.table.label(of: line)
        title = "\(task): \(name)"
        let dots =
            pairs.count > Self.mostDots
            ? "\(Self.mostDots) of \(pairs.count) pairs, evenly spaced" : "\(pairs.count) pairs"
        let lost = all.count - pairs.count
        description =
            "A dot a pair: \(dots)\(lost > 0 ? ", \(lost) without a finite score left out" : ""). Named by subset and index in "
            + "the result's table of pairs: those of all pairs whose rank by cosine is farthest from their rank by gold score."
    }

    private static func worst(of pairs: [Pair]) -> [Pair] {
        let gold = averageRanks(pairs.map(\.gold))
        let cosine = averageRanks(pairs.map(\.cosine))
        let apart = zip(gold, cosine).map { abs($0 - $1) }
        return pairs.indices.filter { apart[$0] > 0 }.sorted { (apart[$1], $0) < (apart[$0], $1) }.prefix(named).map {
            pairs[$0]
        }
    }
}

extension PlanPicture {
    /// One for each backbone of which some run has bidirectional layers.
    static func pictures(of runs: [RunRecord]) -> [PlanPicture] {
        let known = runs.filter { $0.layerCount > 0 }
        let backbones = inOrder(known) { [$0.backbone, String($0.layerCount)] }
        return backbones.filter { $0.contains { !$0.bidirectionalLayers.isEmpty } }.compactMap { runs in
            guard let first = runs.first else { return nil }
            let rows = runs.map { Row(plan: $0.attentionPlan, layers: $0.bidirectionalLayers) }
            let title =
                "Filled: layers that attend in both directions" + (backbones.count > 1 ? ", \(first.backbone)" : "")
            return PlanPicture(
                title: title, layerCount: first.layerCount,
                rows: inOrder(rows) { [$0.plan, $0.layers.description] }.compactMap(\.first))
        }
    }
}
