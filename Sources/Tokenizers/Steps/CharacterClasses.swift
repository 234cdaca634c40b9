/// The classes of characters that steps speak of, as the tokenizers library has them: each of the Unicode version whose tables
/// the library asks there. Swift's own are newer.
extension Unicode.Scalar {
    var isWhiteSpace: Bool {
        value < 0x80 ? value == 0x20 || (0x09...0x0D).contains(value) : properties.isWhitespace
    }

    /// `\w` of the regex crate: letters, marks, decimal numbers, connectors of Unicode 16.
    var isWordCharacter: Bool {
        guard isIn(unicode: 16) else { return false }
        if properties.isAlphabetic || properties.isJoinControl { return true }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }

    var isNumeric: Bool {
        switch properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: true
        default: false
        }
    }

    /// A mark of any kind.
    var isMark: Bool { value >= 0x80 && LibraryTables.marks.contains(self) }

    /// A mark that takes no room, which BERT takes for an accent.
    var isNonspacingMark: Bool { value >= 0x80 && LibraryTables.nonspacingMarks.contains(self) }

    /// ASCII's punctuation and symbols, and Unicode's punctuation.
    var isPunctuation: Bool {
        switch value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        case 0..<0x80: false
        default: LibraryTables.punctuation.contains(self)
        }
    }

    /// Control, format, private use: what BERT drops.
    var isOther: Bool { value < 0x80 ? value < 0x20 || value == 0x7F : LibraryTables.others.contains(self) }

    /// Whether it is of a version of Unicode, or an earlier one.
    func isIn(unicode version: Int) -> Bool { value < 0x80 || properties.age.map { $0.major <= version } ?? false }

    /// The blocks that BERT puts spaces around.
    var isChineseCharacter: Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
