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
    private(set) var series: [Series]

    /// Fewer points are no curve.
    private static let fewestPoints = 4

    /// The curve of this kind in a column of the scores; nil where the runs make none.
    init?(_ kind: Kind, of runs: [RunRecord], scores: [String: Measurement]) {
        let places = runs.compactMap { run in kind.number(of: run).map { Place(run: run, number: $0) } }
        let fixed = Factor.all.filter { $0 != kind.factor }
        let lines = inOrder(places) { place in fixed.map { $0.value(of: place.run) } }.flatMap(Self.told).filter {
            Set($0.map(\.number)).count >= Self.fewestPoints
        }
        let names = Factor.varying(among: lines.flatMap { $0.map(\.run) }).filter { $0 != kind.factor }
        series = lines.map { line in
            let points = line.sorted { $0.number < $1.number }.compactMap { place in
                scores[place.run.name].map { Series.Point(x: place.number, measured: $0) }
            }
            let choices = line.first.map { place in names.map { $0.value(of: place.run) } + place.choices } ?? []
            return Series(name: choices.joined(separator: ", "), points: points)
        }.filter { $0.points.count >= Self.fewestPoints }
        self.kind = kind
        if series.isEmpty { return nil }
    }

    /// - Parameter names: of the lines
    func naming(_ names: [String]) -> Curve {
        var curve = self
        curve.series = zip(series, names).map { Series(name: $1, points: $0.points) }
        return curve
    }
}

/// A run's place on a curve.
private struct Place {
    let run: RunRecord
    let number: Int
    /// What tells its line from another whose method is the same, such as a training's learning rate.
    var choices: [String] = []
}

extension Curve {
    /// Lines of which each has a number once: by what the experiment says that its runs differ in. Places that nothing tells
    /// apart are no line.
    private static func told(_ places: [Place]) -> [[Place]] {
        guard Set(places.map(\.number)).count < places.count else { return [places] }
        let names = inFirstOrder(places.flatMap { $0.run.factors.map(\.name) }).filter { name in
            inOrder(places, by: \.number).contains { alike in Set(alike.map { $0.run.choice(of: name) }).count > 1 }
        }
        let lines = inOrder(
            places.map { place in
                var place = place
                place.choices = names.map { "\($0)=\(place.run.choice(of: $0))" }
                return place
            }, by: \.choices)
        return lines.filter { line in Set(line.map(\.number)).count == line.count }
    }
}

extension RunRecord {
    /// What an experiment says of the run under a name; empty for nothing.
    fileprivate func choice(of factor: String) -> String { factors.first { $0.name == factor }?.value ?? "" }
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
