/// The elements of an array, one after the other: a list of them would take thirty times the text of small numbers.
public struct JSONElements: Sequence, Sendable {
    let array: JSONNode

    public struct Iterator: IteratorProtocol {
        let document: JSONDocument
        var scanner: JSONScanner

        public mutating func next() -> JSONNode? {
            guard scanner.offset < document.bytes.count, scanner.current != UInt8(ascii: "]") else { return nil }
            defer { scanner.skipToNext() }
            return JSONNode(document: document, offset: scanner.offset)
        }
    }

    public func makeIterator() -> Iterator {
        var scanner = JSONScanner(bytes: array.document.bytes, offset: array.offset + 1)
        scanner.skipSpace()
        return Iterator(document: array.document, scanner: scanner)
    }

    public var isEmpty: Bool { first { _ in true } == nil }

    /// The two elements of a pair; nil for fewer or more.
    public var pair: (JSONNode, JSONNode)? {
        let few = Array(prefix(3))
        return few.count == 2 ? (few[0], few[1]) : nil
    }
}

extension JSONScanner {
    /// Behind this value and the comma after it.
    mutating func skipToNext() {
        skipValue()
        skipSpace()
        if take(",") { skipSpace() }
    }
}
