import Foundation

/// From dark blue for the lowest to yellow for the highest: evenly lighter, and the same order for colour-blind eyes.
///
/// The colours are those of cividis (Nuñez, Anderton and Renslow 2018, doi 10.1371/journal.pone.0199239) at ninths.
struct ColourScale {
    let values: ClosedRange<Double>

    private static let stops: [(Double, Double, Double)] = [
        (0, 34, 78), (20, 54, 110), (59, 73, 108), (87, 93, 109), (112, 113, 115), (138, 134, 120), (165, 156, 116),
        (195, 179, 105), (225, 204, 85), (254, 232, 56),
    ]

    init(covering values: [Double]) {
        let low = values.min() ?? 0
        self.values = low...max(values.max() ?? 1, low + 1e-9)
    }

    /// A CSS colour.
    func colour(of value: Double) -> String {
        let (red, green, blue) = components(of: value)
        return String(format: "#%02x%02x%02x", Int(red.rounded()), Int(green.rounded()), Int(blue.rounded()))
    }

    /// Black or white, whichever is read better on the colour.
    func textColour(on value: Double) -> String {
        let (red, green, blue) = components(of: value)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 118 ? "#000" : "#fff"
    }

    private func components(of value: Double) -> (Double, Double, Double) {
        let share = (value - values.lowerBound) / (values.upperBound - values.lowerBound)
        let place = min(max(share, 0), 1) * Double(Self.stops.count - 1)
        let index = min(Int(place), Self.stops.count - 2)
        let (from, to, part) = (Self.stops[index], Self.stops[index + 1], place - Double(index))
        return (from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1), from.2 + part * (to.2 - from.2))
    }
}
