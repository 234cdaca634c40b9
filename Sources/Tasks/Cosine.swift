/// The cosine of the angle between two vectors of equal length, accumulated in double precision.
///
/// - Returns: -1 to 1 up to rounding, and exactly 1 for equal vectors, so that pairs of equal sentences tie;
///   0 where one is the zero vector, as in SentEval; NaN where one holds a NaN or an infinity.
public func cosine(_ a: Span<Float>, _ b: Span<Float>) -> Double {
    precondition(a.count == b.count, "cosine of vectors of different lengths")
    // Eight running sums each: one alone would wait for its own last addition.
    var ab = SIMD8<Double>.zero
    var aa = SIMD8<Double>.zero
    var bb = SIMD8<Double>.zero
    for start in stride(from: 0, to: a.count, by: 8) {
        let u = block(a, start)
        let v = block(b, start)
        ab += u * v
        aa += u * u
        bb += v * v
    }
    // Squares of floats neither overflow nor vanish in a double, and nor does the product of two sums of them.
    let lengths = (aa.sum() * bb.sum()).squareRoot()
    return lengths == 0 ? 0 : ab.sum() / lengths
}

/// The cosine of two arrays; see ``cosine(_:_:)-(Span<Float>,_)``.
public func cosine(_ a: [Float], _ b: [Float]) -> Double {
    cosine(a.span, b.span)
}

/// Eight elements from `start`, zeros past the end.
@inline(__always)
private func block(_ vector: Span<Float>, _ start: Int) -> SIMD8<Double> {
    var lanes = SIMD8<Float>.zero
    if start + 8 <= vector.count {
        for lane in 0..<8 { lanes[lane] = vector[start + lane] }
    } else {
        for lane in 0..<(vector.count - start) { lanes[lane] = vector[start + lane] }
    }
    return SIMD8<Double>(lanes)
}
