/// Which neighbouring tokens merge, in which order of priority, and into which token.
struct MergeTable: Sendable {
    struct Entry: Sendable {
        var left: Int32
        var right: Int32
        /// The place in the merge list; lower merges first.
        var rank: Int32
        /// The token that the two become.
        var merged: Int32

        /// No rank is as high.
        static let none = Entry(left: -1, right: -1, rank: .max, merged: -1)
    }

    private var slots: [Entry]
    private var count = 0

    init(capacity: Int) {
        slots = [Entry](repeating: .none, count: OpenAddressing.slotCount(for: capacity))
    }

    /// Gives a pair the next rank, unless it has one.
    ///
    /// - Returns: the rank that it has already.
    mutating func append(left: Int32, right: Int32, merged: Int32) -> Int32? {
        let slot = slot(left: left, right: right)
        guard slots[slot].left < 0 else { return slots[slot].rank }
        slots[slot] = Entry(left: left, right: right, rank: Int32(count), merged: merged)
        count += 1
        return nil
    }

    /// Gives a pair a rank that others may have too, unless it has one.
    mutating func insert(left: Int32, right: Int32, rank: Int32, merged: Int32) {
        let slot = slot(left: left, right: right)
        guard slots[slot].left < 0 else { return }
        slots[slot] = Entry(left: left, right: right, rank: rank, merged: merged)
        count += 1
    }

    /// The merge of two neighbours, ``Entry/none`` where there is none.
    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> Entry {
        slots[slot(left: left, right: right)]
    }

    /// All merges, the first to apply first; the ranks are 0 to one below their number.
    var byRank: [Entry] {
        var entries = [Entry](repeating: .none, count: count)
        for entry in slots where entry.left >= 0 { entries[Int(entry.rank)] = entry }
        return entries
    }

    @inline(__always)
    private func slot(left: Int32, right: Int32) -> Int {
        let key = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
        var slot = OpenAddressing.firstSlot(hash: key, slotCount: slots.count)
        while slots[slot].left >= 0, slots[slot].left != left || slots[slot].right != right {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }
}
