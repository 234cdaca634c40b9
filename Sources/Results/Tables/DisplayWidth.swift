/// How many columns of a terminal a text takes.
///
/// Wide are the East Asian wide and full-width blocks (Unicode Standard Annex 11) and pictographs shown as emoji; a
/// character of several scalars takes the room of its first.
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
    guard let first = character.unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    let asksForEmoji = character.unicodeScalars.dropFirst().contains { $0.value == 0xFE0F }
    if first.properties.isEmojiPresentation || asksForEmoji { return 2 }
    return wideBlocks.contains { $0.contains(first.value) } ? 2 : 1
}

private let wideBlocks: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
    0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
    0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
]
