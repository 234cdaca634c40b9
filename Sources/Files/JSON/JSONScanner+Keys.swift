/// The hashes of an object's keys. Four bytes a key, fewer than the text has, so that an object of a hundred thousand
/// keys, such as a vocabulary, asks for less memory than its file takes.
struct KeyHashes {
    private var hashes: [UInt32] = []

    mutating func append(_ hash: UInt32) { hashes.append(hash) }

    /// Whether two are equal: two keys may be, or two that only have the same hash.
    var haveRepetition: Bool {
        guard hashes.count > 1 else { return false }
        let sorted = hashes.sorted()
        return zip(sorted, sorted.dropFirst()).contains { $0 == $1 }
    }
}

// A key that stands twice has no meaning that readers agree on: Python takes the last value, others the first.
extension JSONScanner {
    /// FNV-1a of a key's text, escapes resolved.
    func hash(ofKeyAt start: Int) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        var scanner = JSONScanner(bytes: bytes, offset: start + 1)
        func mix(_ byte: UInt8) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        while scanner.current != UInt8(ascii: "\"") {
            let byte = scanner.current
            scanner.offset += 1
            if byte == UInt8(ascii: "\\") {
                for unit in scanner.escapedScalar().map({ String($0).utf8.map(\.self) }) ?? [] { mix(unit) }
            } else {
                mix(byte)
            }
        }
        return hash
    }

    /// Compares the keys themselves, where hashes are equal: an object of keys that has been checked.
    ///
    /// - Parameter start: behind the opening brace
    func checkKeys(from start: Int) throws(Problem) {
        var seen: [[UInt8]: Int] = [:]
        var scanner = JSONScanner(bytes: bytes, offset: start)
        repeat {
            scanner.skipSpace()
            let place = scanner.offset
            let key = Array(JSONNode.string(&scanner).utf8)
            if let first = seen.updateValue(place, forKey: key) {
                throw .repeatedKey(String(decoding: key, as: UTF8.self), first: first, second: place)
            }
            scanner.skipSpace()
            scanner.offset += 1
            scanner.skipSpace()
            scanner.skipValue()
            scanner.skipSpace()
        } while scanner.take(",")
    }
}
