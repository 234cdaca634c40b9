extension RandomGenerator {
    /// A number from 0 to below 1, a multiple of 2⁻⁵³.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A whole number from 0 to `bound` - 1, all equally likely. D. Lemire, "Fast random integer generation in an
    /// interval", ACM TOMACS 29(1), 2019.
    package mutating func integer(below bound: Int) -> Int {
        precondition(bound > 0)
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let rejected = (0 &- bound) % bound
            while product.low < rejected { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// The numbers from 0 to `count` - 1 in random order: Fisher and Yates, from the end.
    package mutating func permutation(of count: Int) -> [Int] {
        var order = Array(0..<count)
        for last in order.indices.dropFirst().reversed() { order.swapAt(last, integer(below: last + 1)) }
        return order
    }

    /// Fills a matrix row by row with draws between ± √(6 / ((1 + slope²) columns)). He et al., arXiv 1502.01852.
    ///
    /// PyTorch's `kaiming_uniform_` for a weight of shape [outputs, inputs]. PEFT draws LoRA's A with `slope` √5: within
    /// ± 1 / √inputs; its B is zero.
    package mutating func fillKaimingUniform(_ weights: Matrix, slope: Double = 5.0.squareRoot()) {
        let bound = (6 / ((1 + slope * slope) * Double(max(1, weights.columns)))).squareRoot()
        for row in 0..<weights.rows {
            weights.assign(row: row, from: (0..<weights.columns).map { _ in Float(uniform() * 2 * bound - bound) })
        }
    }
}
