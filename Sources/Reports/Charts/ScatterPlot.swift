import Foundation
import Results

/// A run's pairs of one task: the cosine over people's score, and by name those whose ranks are farthest apart.
struct ScatterPlot: Sendable {
    struct Pair: Equatable, Sendable {
        /// Such as `headlines #12`.
        var name: String
        var gold: Double
        var cosine: Double

        var description: String {
            "\(name): gold \(SVG.number(gold)), cosine \(String(format: "%.2f", cosine))"
        }
    }

    var title: String
    var description: String
    /// In the data's order.
    var pairs: [Pair]
    /// The pairs whose rank by cosine is farthest from their rank by gold score, the worst first.
    var worst: [Pair]
    /// Cosines that the vertical axis has room for besides, so that plots beside each other have one scale.
    var covering: [Double] = []

    var shown: [Double] { pairs.map(\.cosine) }

    private static let left = 56.0
    private static let right = 16.0
    /// More dots would be a blot, and a large page: so many are drawn, evenly spaced in the data's order.
    static let mostDots = 1500

    private var drawn: [Pair] {
        guard pairs.count > Self.mostDots else { return pairs }
        return (0..<Self.mostDots).map { pairs[$0 * pairs.count / Self.mostDots] }
    }

    func drawing(_ width: ChartWidth) -> Drawing {
        let isWide = width == .wide
        let right = width.rawValue - Self.right
        let bottom = isWide ? 330.0 : 260
        let x = Axis(covering: pairs.map(\.gold), from: Self.left + 12, to: right - 8)
        let y = Axis(covering: shown + covering, from: bottom, to: 12)
        let dots = drawn.map { "M\(SVG.number(x.position($0.gold))) \(SVG.number(y.position($0.cosine)))h0" }
        let names = worst.enumerated().map { index, pair in
            SVG.text(
                SVG.shortened("\(index + 1). \(pair.description)", to: right - 12),
                at: (12, bottom + 78 + 17 * Double(index)))
        }
        let head =
            worst.isEmpty ? [] : [SVG.text("farthest apart in rank", at: (12, bottom + 58), style: "label strong")]
        return Drawing(
            width: width.rawValue, height: bottom + 56 + (worst.isEmpty ? 0 : 17 * Double(worst.count) + 16),
            title: title,
            description: description,
            content: [frame(x, y, right: right, bottom: bottom)]
                + [.element("path", ["d": dots.joined(), "class": "dots s0"])]
                + marks(x, y, right: right) + head + names)
    }

    /// Axes and their words.
    private func frame(_ x: Axis, _ y: Axis, right: Double, bottom: Double) -> Markup {
        let middle = (y.start + y.end) / 2
        let vertical = Markup.element(
            "text",
            [
                "transform": "translate(14 \(SVG.number(middle))) rotate(-90)", "text-anchor": "middle",
                "class": "label strong",
            ], text: "cosine" + y.cut)
        return .element(
            "g", ["aria-hidden": "true"],
            y.ticks.map { SVG.line((Self.left, y.position($0)), (right, y.position($0)), style: "grid") }
                + y.ticks.map { SVG.text(SVG.number($0), at: (Self.left - 6, y.position($0) + 4), anchor: .end) }
                + x.ticks.map { SVG.line((x.position($0), bottom), (x.position($0), bottom + 4), style: "tick") }
                + x.ticks.map { SVG.text(SVG.number($0), at: (x.position($0), bottom + 18), anchor: .middle) }
                + [
                    SVG.text(
                        "gold score" + x.cut, at: ((x.start + x.end) / 2, bottom + 36), anchor: .middle,
                        style: "label strong"), vertical,
                ])
    }

    /// The named pairs, each with its number where that hides neither another nor a pair: where pairs lie close, one stands
    /// left of its mark, above or below.
    private func marks(_ x: Axis, _ y: Axis, right: Double) -> [Markup] {
        let places = worst.map { (x: x.position($0.gold), y: y.position($0.cosine)) }
        var taken = places
        let numbers = places.enumerated().map { index, place in
            let sides: [NumberSide] = place.x > right - 30 ? [.left, .above, .below] : [.right, .left, .above, .below]
            let free = sides.first { side in
                let middle = side.middle(place)
                return !taken.enumerated().contains {
                    $0 != index && abs($1.x - middle.x) < 10 && abs($1.y - middle.y) < 12
                }
            }
            let side = free ?? sides[0]
            taken.append(side.middle(place))
            let (dx, dy, anchor) = side.offset
            return SVG.text(
                String(index + 1), at: (place.x + dx, place.y + dy), anchor: anchor, style: "label strong on-grid")
        }
        let dots = zip(places, worst).map { Marker.diamond.drawn(at: ($0.x, $0.y), style: "s1", title: $1.description) }
        return [.element("g", [:], dots + numbers)]
    }

    /// Where a pair's number stands.
    private enum NumberSide {
        case right, left, above, below

        /// Of the text's foot from the mark.
        var offset: (Double, Double, SVG.Anchor) {
            switch self {
            case .right: (8, 4, .start)
            case .left: (-8, 4, .end)
            case .above: (0, -8, .middle)
            case .below: (0, 17, .middle)
            }
        }

        func middle(_ mark: (x: Double, y: Double)) -> (x: Double, y: Double) {
            switch self {
            case .right: (mark.x + 12, mark.y)
            case .left: (mark.x - 12, mark.y)
            case .above: (mark.x, mark.y - 12)
            case .below: (mark.x, mark.y + 13)
            }
        }
    }
}
