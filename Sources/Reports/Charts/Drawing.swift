/// A chart that is laid out: its elements in a box of a size, which a page or a file of its own holds.
struct Drawing: Sendable {
    var width: Double
    var height: Double
    /// What a screen reader says in its place.
    var title: String
    var description: String
    var content: [Markup]

    /// - Parameter id: unique in the page
    func svg(id: String) -> Markup {
        SVG.drawing(id: id, width: width, height: height, title: title, description: description, content)
    }
}

/// For how much room a chart is laid out: the type is of one size in all of them, so that it is read on a telephone, too.
enum ChartWidth: Double, CaseIterable, Sendable {
    case narrow = 350
    case wide = 720

    /// About so many values are marked on an axis of this length.
    static func marks(_ length: Double, room: Double) -> Int { max(2, Int(length / room)) }
}
