/// How a piece becomes tokens.
protocol TokenModel: Sendable {
    var vocabulary: Vocabulary { get }

    /// - Parameter piece: at least one character
    func encode(_ piece: ArraySlice<AlignedScalar>, into tokens: inout TokenList)
}

/// The tokens `<0x00>` … `<0xFF>`, which stand for the bytes of characters that the vocabulary lacks.
struct ByteTokens: Sendable {
    private let ids: [Int32?]

    init(in vocabulary: Vocabulary) {
        ids = (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return vocabulary.id(of: "<0x\(digits.count < 2 ? "0" : "")\(digits)>")
        }
    }

    /// The tokens of a text's bytes; nil where one is missing.
    func ids(of text: some Sequence<AlignedScalar>) -> [(id: Int32, place: Int32)]? {
        var found: [(id: Int32, place: Int32)] = []
        var isComplete = true
        for element in text {
            element.forEachByte { byte, place in
                if let id = ids[Int(byte)] { found.append((id, place)) } else { isComplete = false }
            }
        }
        return isComplete ? found : nil
    }

    /// The byte that a token stands for, if it is one of these.
    static func byte(of text: ArraySlice<UInt8>) -> UInt8? {
        guard text.count == 6, text.starts(with: "<0x".utf8), text.last == UInt8(ascii: ">") else { return nil }
        return UInt8(String(decoding: text.dropFirst(3).dropLast(), as: UTF8.self), radix: 16)
    }
}
