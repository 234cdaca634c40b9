import Diagnostics
import Files
import Foundation

extension NormalisationStep {
    private static let supported = [
        "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Strip", "StripAccents", "Replace", "Prepend", "BertNormalizer",
        "Precompiled", "Sequence",
    ]

    /// Reads `normalizer` of a `tokenizer.json`.
    init(_ node: JSONNode) throws {
        let kind = try node.required("type")
        switch try kind.string() {
        case "Lowercase": self = .lowercase
        case "StripAccents": self = .stripAccents
        case "Strip":
            self = .strip(
                left: try node.required("strip_left").flag(), right: try node.required("strip_right").flag())
        case "Replace":
            self = .replace(
                try TokenPattern(node.required("pattern")),
                with: Array(try node.required("content").string().unicodeScalars))
        case "Prepend": self = .prepend(Array(try node.required("prepend").string().unicodeScalars))
        case "BertNormalizer":
            let lowercases = try node.required("lowercase").flag()
            self = .bert(
                BertNormalisation(
                    cleansText: try node.required("clean_text").flag(),
                    separatesChinese: try node.required("handle_chinese_chars").flag(),
                    stripsAccents: try node.flagOrNull("strip_accents") ?? lowercases, lowercases: lowercases))
        case "Precompiled":
            let map = try node.required("precompiled_charsmap")
            guard let bytes = Data(base64Encoded: try map.string()) else { throw map.expected("base64") }
            self = .characterMap(try CharacterMap(Array(bytes)))
        case "Sequence": self = .sequence(try node.required("normalizers").elements().map { try Self($0) })
        case let name:
            guard let form = UnicodeForm(rawValue: name) else {
                throw kind.unknown("normalizer", among: Self.supported)
            }
            self = .form(form)
        }
    }
}
