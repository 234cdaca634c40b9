/// The tokens that a model was trained to see around every text, such as `<s>` or `[CLS]` … `[SEP]`.
public struct SequenceFrame: Hashable, Sendable {
    public var before: [Int32]
    public var behind: [Int32]

    public init(before: [Int32] = [], behind: [Int32] = []) { (self.before, self.behind) = (before, behind) }

    static func + (outer: SequenceFrame, inner: SequenceFrame) -> SequenceFrame {
        SequenceFrame(before: outer.before + inner.before, behind: inner.behind + outer.behind)
    }
}
