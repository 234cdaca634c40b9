import Diagnostics

/// SentencePiece's compiled table of replacements (`precompiled_charsmap`): a trie of UTF-8 texts, and what each becomes.
///
/// Layout: the trie's size in bytes; the trie, darts-clone's double array of 32-bit units; the replacements, each ended
/// by a zero byte. Source: `normalizer.cc` of SentencePiece, `darts.h` of darts-clone.
struct CharacterMap: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    /// - Throws: where the trie's size is not that of whole units inside the table.
    init(_ bytes: some RandomAccessCollection<UInt8>) throws {
        let bytes = Array(bytes)
        guard bytes.count >= 4 else { throw Self.damaged }
        func unit(_ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
        }
        let size = Int(unit(0))
        guard size > 0, size.isMultiple(of: 4), size <= bytes.count - 4 else { throw Self.damaged }
        units = (0..<size / 4).map { unit(4 + 4 * $0) }
        replacements = Array(bytes[(4 + size)...])
    }

    private static let damaged = Diagnostic("precompiled_charsmap: expected a trie and its replacements")

    /// What the bytes at the beginning become.
    ///
    /// - Parameter isLongest: whether of several beginnings the longest counts, or the shortest
    /// - Returns: the replacement and how many bytes it replaces; nil where no beginning is in the table
    func replacement(
        of text: some Collection<UInt8>, isLongest: Bool
    ) -> (text: String.UnicodeScalarView, byteCount: Int)? {
        var found: (value: Int, byteCount: Int)?
        guard var node = units.first.map({ Self.offset($0) }) else { return nil }
        var length = 0
        for byte in text {
            node ^= UInt32(byte)
            guard byte != 0, Int(node) < units.count else { break }
            let unit = units[Int(node)]
            guard unit & 0x8000_00FF == UInt32(byte) else { break }
            length += 1
            node ^= Self.offset(unit)
            guard unit >> 8 & 1 == 1 else { continue }
            guard Int(node) < units.count else { break }
            found = (Int(units[Int(node)] & 0x7FFF_FFFF), length)
            if !isLongest { break }
        }
        guard let found, found.value < replacements.count else { return nil }
        let replacement = replacements[found.value...].prefix { $0 != 0 }
        return (String(decoding: replacement, as: UTF8.self).unicodeScalars, found.byteCount)
    }

    private static func offset(_ unit: UInt32) -> UInt32 { (unit >> 10) << ((unit & 1 << 9) >> 6) }

    /// As the tokenizers library applies it: whole grapheme clusters of up to five bytes, else character by character.
    func normalised(_ text: [AlignedScalar]) -> [AlignedScalar] {
        var normalised: [AlignedScalar] = []
        normalised.reserveCapacity(text.count)
        var index = 0
        for cluster in text.text {
            let count = cluster.unicodeScalars.count
            let elements = text[index..<index + count]
            index += count
            if cluster.utf8.count < 6, let (replacement, _) = replacement(of: cluster.utf8, isLongest: false) {
                let origin = AlignedScalar(
                    " ", elements[elements.startIndex].lower, elements[elements.endIndex - 1].upper)
                normalised.append(replacement, from: origin)
                continue
            }
            for element in elements {
                if let (replacement, _) = replacement(of: String(element.scalar).utf8, isLongest: false) {
                    normalised.append(replacement, from: element)
                } else {
                    normalised.append(element)
                }
            }
        }
        return normalised
    }
}
