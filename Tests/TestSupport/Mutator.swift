import Foundation

/// Damages files as disks, networks and attackers do, the same way for the same seed.
public struct Mutator {
    private var random: SeededRandom
    /// Texts that are put into a file, for formats that are written as text.
    private let fragments: [[UInt8]]

    public init(seed: UInt64, fragments: [String] = []) {
        random = SeededRandom(seed: seed)
        self.fragments = fragments.map { Array($0.utf8) }
    }

    /// What JSON readers stumble over.
    public static let json = [
        "null", "true", "-1", "0", "1e308", "9223372036854775807", "99999999999999999999", "0.5", "[]", "{}", "\"\"",
        "[",
        "{", "]", "}", ",", ":", "\"", "\\", "\\u0000", "\\ud83d", "\"Sequence\"", "\"BPE\"", "\"Unigram\"", "\"type\"",
        "é",
    ]

    /// What readers of tab- and comma-separated lines stumble over.
    public static let tables = [
        "\t", "\n", "\r", "\r\n", "\"", "\"\"", ",", "nan", "inf", "-1", "1e400", "9223372036854775808", "\u{FEFF}",
        "\u{0}",
        "\u{2028}", " ", "é",
    ]

    /// What YAML readers stumble over, and keys of experiments.
    public static let yaml = [
        "\t", "\n", "\n\n", "  ", "- ", ": ", "? ", "#", "\"", "'", "|", ">", "&a", "*a", "<<", "!!int", "%", "---",
        "...", "{", "}",
        "[", "]", ",", "~", "null", "yes", "1e400", "0x7fffffffffffffff", "-1", "99999999999999999999", "extends",
        "matrix", "variants",
        "layer", "bidirectional", "last 1..9999999999", "[0..999999999]", "\u{85}", "\u{0}", "é",
    ]

    /// A copy with one to three faults.
    public mutating func damaged(_ whole: [UInt8]) -> [UInt8] {
        let extremes: [UInt64] = [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 62, 0x7FFF_FFFF_FFFF_FFFF, .max]
        var bytes = whole
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            let end = min(place + Int.random(in: 1...9, using: &random), bytes.count)
            switch Int.random(in: 0..<(fragments.isEmpty ? 6 : 9), using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2:
                let extreme = littleEndian([extremes.randomElement(using: &random) ?? 0])
                let end = min(place + (Bool.random(using: &random) ? 4 : 8), bytes.count)
                bytes.replaceSubrange(place..<end, with: extreme[..<(end - place)])
            case 3: bytes.removeSubrange(place..<end)
            case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 5: bytes.removeSubrange(place...)
            default: replaceWord(in: &bytes, at: place)
            }
        }
        return bytes
    }

    /// Replaces the word at a place: what lies between two of JSON's marks.
    private mutating func replaceWord(in bytes: inout [UInt8], at place: Int) {
        let marks = Array("{}[],:".utf8)
        let start = bytes[..<place].lastIndex(where: marks.contains).map { $0 + 1 } ?? 0
        let end = bytes[place...].firstIndex(where: marks.contains) ?? bytes.count
        bytes.replaceSubrange(start..<max(start, end), with: fragments.randomElement(using: &random) ?? [])
    }
}
