/// A cosine that a paper gives for two sentences, and a run's own: whether the run has the paper's model and method.
public struct CosineCheck: Equatable, Sendable {
    public var run: String
    public var paper: String
    public var first: String
    public var second: String
    public var cosine: Double
    public var published: Double

    public init(
        run: String, paper: String, first: String, second: String, cosine: Double = .nan, published: Double
    ) {
        (self.run, self.paper, self.first, self.second) = (run, paper, first, second)
        (self.cosine, self.published) = (cosine, published)
    }

    /// Whether they are the same but for 16-bit arithmetic.
    public var agrees: Bool { abs(cosine - published) <= 0.01 }
}

extension [CosineCheck] {
    /// A line for each run and paper.
    public var lines: [String] {
        let heads = inFirstOrder(map { "\($0.run), cosines that \($0.paper) publishes" })
        return heads.map { head in
            let own = filter { head == "\($0.run), cosines that \($0.paper) publishes" }
            let cells = own.map { check in
                "\"\(check.first)\" and \"\(check.second)\" "
                    + "\(Self.number(check.cosine)) (published \(Self.number(check.published)))"
            }
            let verdict = own.allSatisfy(\.agrees) ? "agree" : "differ: another model, adapter, prompt or padding"
            return "check: \(head) \(verdict): " + cells.joined(separator: ", ")
        }
    }

    private static func number(_ value: Double) -> String {
        value.isNaN ? "nan" : String((value * 10_000).rounded() / 10_000)
    }
}
