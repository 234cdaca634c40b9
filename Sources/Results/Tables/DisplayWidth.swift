/// How many columns of a terminal a text takes.
///
/// Wide are the East Asian wide and full-width blocks (Unicode Standard Annex 11) and pictographs shown as emoji, which take
/// two columns however many scalars they are joined of. Other scalars have a column each, as terminals count them, but for
/// marks without room of their own: a syllable of an Indic script is wider than one letter.
package func displayWidth(_ text: String) -> Int {
    text.reduce(0) { $0 + width(of: $1) }
}

extension String {
    /// The text where it takes no more columns than that, else its beginning and an ellipsis.
    package func cut(toWidth width: Int) -> String {
        guard displayWidth(self) > width else { return self }
        var room = width - 1
        let beginning = prefix { character in
            room -= displayWidth(String(character))
            return room >= 0
        }
        return "\(beginning)…"
    }
}

private func width(of character: Character) -> Int {
    let scalars = character.unicodeScalars
    let asksForEmoji = scalars.dropFirst().contains { $0.value == 0xFE0F }
    if asksForEmoji || scalars.first?.properties.isEmojiPresentation == true { return 2 }
    return scalars.reduce(0) { $0 + width(of: $1) }
}

private func width(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    // A hyphen that shows at the end of a line alone is shown anywhere by a terminal.
    case .format: return scalar.value == 0xAD ? 1 : 0
    case .nonspacingMark, .enclosingMark, .control: return 0
    default: break
    }
    // Of a Korean syllable spelled out the first letter has the room of all.
    if hangulEndings.contains(where: { $0.contains(scalar.value) }) { return 0 }
    return wideBlocks.contains { $0.contains(scalar.value) } ? 2 : 1
}

private let hangulEndings: [ClosedRange<UInt32>] = [0x1160...0x11FF, 0xD7B0...0xD7FF]

private let wideBlocks: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
    0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
    0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
]
