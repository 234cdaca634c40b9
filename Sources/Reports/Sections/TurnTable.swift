import Results

/// For each line of a curve: where it is highest, and where it falls most.
struct TurnTable {
    let curve: Curve
    let column: String

    var markup: Markup {
        let turns = curve.turns
        let rows = turns.map { turn in
            Page.row(
                turn.name.isEmpty ? column : turn.name,
                cells: [turn.first, turn.highest, turn.last].map { Page.number(Self.text(of: $0)) }
                    + [Page.number(Self.text(ofFall: turn.fall))])
        }
        return Page.table(
            caption: "\(column): each line's ends, its highest point, and its largest fall from one point to the next",
            head: [Page.head("line")] + ["first", "highest", "last", "largest fall"].map(Page.numberHead),
            bodies: [rows])
    }

    private static func text(of point: Series.Point) -> String {
        "\(ResultTable.cellText(point.measured.score)) at \(point.x)"
    }

    private static func text(ofFall fall: (from: Series.Point, to: Series.Point)?) -> String {
        guard let fall else { return "–" }
        return "\(ResultTable.signedText(Curve.Turn.change(fall))) from \(fall.from.x) to \(fall.to.x)"
    }
}
