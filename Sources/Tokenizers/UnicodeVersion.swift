import Oniguruma

/// Which version of Unicode a table is of, found out by asking it: no library says.
enum UnicodeVersion {
    typealias Number = (major: Int, minor: Int)

    /// Characters that a version was the first to have.
    private static let probes: [(version: Number, scalar: Unicode.Scalar)] = [
        ((17, 0), "\u{1E6C0}"), ((16, 0), "\u{1C89}"), ((15, 1), "\u{2FFC}"), ((15, 0), "\u{1E4D0}"),
        ((14, 0), "\u{1DF00}"), ((13, 0), "\u{10E80}"),
    ]

    private static func newest(_ has: (Unicode.Scalar) -> Bool) -> Number {
        probes.first { has($0.scalar) }?.version ?? (12, 1)
    }

    /// Of Swift's standard library, whose mappings and younger classes the steps use.
    static let swift = words(newest { $0.properties.generalCategory != .unassigned })

    /// Of Oniguruma, which reads a file's expressions.
    static let oniguruma: Number = {
        guard let assigned = try? RegularExpression(#"[^\p{Cn}]"#) else { return (12, 1) }
        return newest { (try? assigned.matches(in: Array(String($0).utf8)))?.isEmpty == false }
    }()

    /// Of the Oniguruma in the tokenizers library.
    static let library: Number = (16, 0)

    /// Says which Oniguruma that is, and what becomes of what it doesn't know.
    static func words(ofOniguruma number: Number) -> String {
        "\(RegularExpression.version), \(words(number))"
            + (number < library ? ", which is shown younger characters as older ones of their category" : "")
    }

    static func words(_ number: Number) -> String { "Unicode \(number.major).\(number.minor)" }
}

extension Unicode.Scalar {
    /// What Oniguruma is shown in this character's place, as wide in UTF-8. The one here may be older than the one in the
    /// tokenizers library: a character that it doesn't know is shown as one of the same category that it knows, and one that the
    /// library's doesn't know as one that none knows.
    var shownToOniguruma: Unicode.Scalar {
        guard value >= 0x80, let age = properties.age else { return self }
        if (age.major, age.minor) > UnicodeVersion.library { return noCharacter }
        guard (age.major, age.minor) > UnicodeVersion.oniguruma else { return self }
        let width = UTF8.width(self)
        if width == 4, properties.isUnifiedIdeograph { return "\u{20000}" }
        return Self.standIns[width]?[properties.generalCategory] ?? self
    }

    /// Of old versions of Unicode, by width and category: those of the characters that versions 15 and 16 have added.
    private static let standIns: [Int: [Unicode.GeneralCategory: Unicode.Scalar]] = [
        3: [
            .uppercaseLetter: "\u{A640}", .lowercaseLetter: "\u{A641}", .otherLetter: "\u{A000}",
            .modifierLetter: "\u{A015}", .nonspacingMark: "\u{0816}", .spacingMark: "\u{0903}",
            .otherPunctuation: "\u{0964}", .otherSymbol: "\u{2300}", .mathSymbol: "\u{2200}",
            .currencySymbol: "\u{20A0}", .decimalNumber: "\u{0966}", .otherNumber: "\u{2460}",
        ],
        4: [
            .uppercaseLetter: "\u{10400}", .lowercaseLetter: "\u{10428}", .otherLetter: "\u{10280}",
            .modifierLetter: "\u{16B40}", .nonspacingMark: "\u{10A01}", .spacingMark: "\u{11000}",
            .decimalNumber: "\u{104A0}", .letterNumber: "\u{10140}", .otherNumber: "\u{10107}",
            .otherPunctuation: "\u{10100}", .dashPunctuation: "\u{10EAD}", .otherSymbol: "\u{10137}",
            .mathSymbol: "\u{1D6C1}", .modifierSymbol: "\u{1F3FB}", .format: "\u{110BD}",
        ],
    ]

    /// A code point that is no character, as wide.
    private var noCharacter: Unicode.Scalar {
        switch UTF8.width(self) {
        case 3: "\u{2FE0}"
        case 4: "\u{1FFF0}"
        default: self
        }
    }
}
