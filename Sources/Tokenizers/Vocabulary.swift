import Diagnostics

/// Token texts by id, and ids by token text.
///
/// One flat byte array and one open-addressing table: two allocations for any number of tokens.
struct Vocabulary: Sendable {
    /// The tokens' UTF-8, end to end.
    private(set) var bytes: [UInt8] = []
    /// The offset in ``bytes`` where each token ends.
    private(set) var ends: [Int] = []
    /// Ids where the texts' hashes point, -1 where free; a power of two, at most half full.
    private var slots: [Int32]

    /// - Parameter texts: by id; nil where an id has no text
    /// - Throws: `Diagnostic` for a text that occurs twice.
    init(_ texts: [String?]) throws {
        slots = [Int32](repeating: -1, count: OpenAddressing.slotCount(for: texts.count))
        bytes.reserveCapacity(texts.count * 8)
        ends.reserveCapacity(texts.count)
        for (id, text) in texts.enumerated() {
            if let text {
                let slot = self.slot(of: text.utf8.span)
                guard slots[slot] < 0 else {
                    throw Diagnostic("tokens \(slots[slot]) and \(id) of the vocabulary are both \"\(text)\"")
                }
                slots[slot] = Int32(id)
                bytes.append(contentsOf: text.utf8)
            }
            ends.append(bytes.count)
        }
    }

    var count: Int { ends.count }

    /// - Returns: nil where no token has this text.
    func id(of text: borrowing Span<UInt8>) -> Int32? {
        let id = slots[slot(of: text)]
        return id < 0 ? nil : id
    }

    func id(of text: String) -> Int32? { id(of: text.utf8.span) }

    /// The UTF-8 of a token's text, as the vocabulary spells it.
    func text(of id: Int) -> ArraySlice<UInt8> { bytes[range(of: id)] }

    private func range(of id: Int) -> Range<Int> { (id == 0 ? 0 : ends[id - 1])..<ends[id] }

    /// Where the text's id is, or the free slot where it would go.
    private func slot(of text: borrowing Span<UInt8>) -> Int {
        var slot = OpenAddressing.firstSlot(hash: hash(text), slotCount: slots.count)
        while slots[slot] >= 0, !holds(text, at: Int(slots[slot])) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    private func holds(_ text: borrowing Span<UInt8>, at id: Int) -> Bool {
        let range = range(of: id)
        guard range.count == text.count else { return false }
        for index in text.indices where bytes[range.lowerBound + index] != text[index] { return false }
        return true
    }

    /// FNV-1a, 64 bits.
    private func hash(_ text: borrowing Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in text.indices { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01B3 }
        return hash
    }
}
