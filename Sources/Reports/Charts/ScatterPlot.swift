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
                + worst.enumerated().map { mark($1, number: $0 + 1, x, y, right: right) } + head + names)
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

    private func mark(_ pair: Pair, number: Int, _ x: Axis, _ y: Axis, right: Double) -> Markup {
        let place = (x.position(pair.gold), y.position(pair.cosine))
        let isAtEnd = place.0 > right - 30
        return .element(
            "g", [:],
            [
                Marker.diamond.drawn(at: place, style: "s1", title: pair.description),
                SVG.text(
                    String(number), at: (place.0 + (isAtEnd ? -8 : 8), place.1 + 4), anchor: isAtEnd ? .end : .start,
                    style: "label strong on-grid"),
            ])
    }
}
