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
            let lowercases = try node["lowercase"]?.flag() ?? true
            self = .bert(
                BertNormalisation(
                    cleansText: try node["clean_text"]?.flag() ?? true,
                    separatesChinese: try node["handle_chinese_chars"]?.flag() ?? true,
                    stripsAccents: try node["strip_accents"]?.flag() ?? lowercases, lowercases: lowercases))
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

extension JSONNode {
    /// The error for a name that this program doesn't know.
    func unknown(_ what: String, among supported: some Sequence<String>) -> Diagnostic {
        let names = Array(supported)
        let found = (try? string()) ?? ""
        return error(
            "the \(what) \"\(found)\" is not supported; expected one of: \(names.joined(separator: ", "))",
            suggestion: nearestName(to: found, among: names).map { "the nearest is \"\($0)\"" })
    }

    /// A value of an enumeration by its name.
    func choice<T: RawRepresentable & CaseIterable>(_ what: String, as type: T.Type = T.self) throws -> T
    where T.RawValue == String {
        guard let value = T(rawValue: try string()) else { throw unknown(what, among: T.allCases.map(\.rawValue)) }
        return value
    }

    /// A single character.
    func scalar() throws -> Unicode.Scalar {
        let text = try string().unicodeScalars
        guard text.count == 1, let scalar = text.first else { throw expected("one character") }
        return scalar
    }
}
