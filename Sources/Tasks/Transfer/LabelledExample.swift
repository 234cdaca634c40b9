/// A sentence, or two, and the class that people gave it.
public struct LabelledExample: Hashable, Sendable {
    /// What an example is for.
    public enum Part: String, CaseIterable, Hashable, Sendable {
        case training, development, test
    }

    /// One sentence; two where the class is about a pair.
    public var sentences: [String]
    /// The class, from 0; in tasks of two classes 1 is the positive one.
    public var label: Int
    public var part: Part

    public init(_ sentences: [String], label: Int, part: Part = .training) {
        self.sentences = sentences
        self.label = label
        self.part = part
    }

    /// SentEval sorts the examples by length before it deals out folds: words of each sentence, then the class.
    package var sortingKey: [Int] { sentences.map(Self.words) + [label] }

    /// As Python's `str.split` counts, whose white space includes four separators that Unicode's doesn't.
    static func words(_ sentence: String) -> Int {
        sentence.unicodeScalars.split { $0.properties.isWhitespace || ("\u{1C}"..."\u{1F}").contains($0) }.count
    }
}
