/// The weights of `Tests/Golden/formula_weights.py`: no weights are committed.
public struct FormulaTensor: Sendable {
    public var name: String
    public var shape: [Int]

    public init(name: String, shape: [Int]) { (self.name, self.shape) = (name, shape) }

    public var values: [Float] { values(as: name) }

    /// Those of a tensor of another name.
    public func values(as name: String) -> [Float] {
        let seed = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let offset = shape.count == 1 && name.hasSuffix("weight") ? 1.0 : 0
        var random = SeededRandom(seed: seed)
        return (0..<shape.reduce(1, *)).map { _ in
            Float(0.8 * (Double(random.next() >> 40) / 0x1p24) - 0.4 + offset)
        }
    }
}
