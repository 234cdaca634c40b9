import Results

/// Runs that differ in one number, such as the hidden layer, and the lines that they make.
struct Curve: Equatable, Sendable {
    /// The number that is varied.
    enum Kind: CaseIterable, Sendable {
        case bidirectionalCount, singleLayer, hiddenLayer, dimensions

        /// What the horizontal axis says.
        var axis: String {
            switch self {
            case .bidirectionalCount: "number of bidirectional layers, from the last"
            case .singleLayer: "the one bidirectional layer"
            case .hiddenLayer: "hidden layer"
            case .dimensions: "dimensions compared, from the first"
            }
        }

        var heading: String {
            switch self {
            case .bidirectionalCount: "Score against the number of bidirectional layers"
            case .singleLayer: "Score against the one layer that is bidirectional"
            case .hiddenLayer: "Score against the hidden layer"
            case .dimensions: "Score against the number of dimensions"
            }
        }

        /// The factor that the number stands for.
        var factor: Factor {
            switch self {
            case .bidirectionalCount, .singleLayer: .attention
            case .hiddenLayer: .hiddenLayer
            case .dimensions: .dimensions
            }
        }

        /// The run's number; nil where the run is on no such curve.
        func number(of run: RunRecord) -> Int? {
            let layers = run.bidirectionalLayers
            switch self {
            case .bidirectionalCount:
                let isCounted = ["none", "all", "last", "from"].contains { run.attentionPlan.hasPrefix($0) }
                let isSuffix = run.layerCount > 0 && layers == Array(run.layerCount - layers.count..<run.layerCount)
                return isCounted || isSuffix ? layers.count : nil
            case .singleLayer:
                return layers.count == 1 ? layers.first : nil
            case .hiddenLayer:
                if run.hiddenLayer >= 0 { return run.hiddenLayer }
                // Hidden state 0 is the embeddings: there is one more of them than layers.
                return run.layerCount > 0 ? run.layerCount + 1 + run.hiddenLayer : nil
            case .dimensions:
                return run.dimensions > 0 ? run.dimensions : nil
            }
        }
    }

    let kind: Kind
    let series: [Series]

    /// Fewer points are no curve.
    private static let fewestPoints = 4

    /// The curve of this kind in a column of the scores; nil where the runs make none.
    init?(_ kind: Kind, of runs: [RunRecord], scores: [String: Measurement]) {
        struct Place { let run: RunRecord, number: Int }
        let places = runs.compactMap { run in kind.number(of: run).map { Place(run: run, number: $0) } }
        let fixed = Factor.all.filter { $0 != kind.factor }
        let lines = inOrder(places) { place in fixed.map { $0.value(of: place.run) } }.filter { line in
            Set(line.map(\.number)).count >= Self.fewestPoints
        }
        let names = Factor.varying(among: lines.flatMap { $0.map(\.run) }).filter { $0 != kind.factor }
        series = lines.map { line in
            var seen = Set<Int>()
            let points = line.sorted { $0.number < $1.number }.compactMap { place -> Series.Point? in
                guard let measured = scores[place.run.name], !measured.score.isNaN,
                    seen.insert(place.number).inserted
                else { return nil }
                return Series.Point(x: place.number, measured: measured)
            }
            return Series(
                name: line.first.map { place in names.map { $0.value(of: place.run) }.joined(separator: ", ") } ?? "",
                points: points)
        }.filter { $0.points.count >= Self.fewestPoints }
        self.kind = kind
        if series.isEmpty { return nil }
    }
}

/// The items in groups of one key, groups and items in the order of their first.
func inOrder<Item, Key: Hashable>(_ items: [Item], by key: (Item) -> Key) -> [[Item]] {
    var places: [Key: Int] = [:]
    var groups: [[Item]] = []
    for item in items {
        if let place = places[key(item)] {
            groups[place].append(item)
        } else {
            places[key(item)] = groups.count
            groups.append([item])
        }
    }
    return groups
}
