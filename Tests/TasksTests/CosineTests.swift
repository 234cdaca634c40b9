import Tasks
import Testing

@Suite("Cosine")
struct CosineTests {
    @Test("Known angles, at lengths that are and are not whole blocks", arguments: [1, 2, 7, 8, 9, 16, 17, 576])
    func angles(length: Int) {
        let vector = (0..<length).map { Float($0 % 5) - 1.5 }
        #expect(cosine(vector, vector) == 1)
        #expect(cosine(vector, vector.map { -2 * $0 }) == -1)
        let reference = zip(vector, vector.indices).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        let lengths = vector.reduce(0.0) { $0 + Double($1 * $1) } * vector.indices.reduce(0.0) { $0 + Double($1 * $1) }
        guard lengths > 0 else { return }
        #expect(abs(cosine(vector, vector.indices.map(Float.init)) - reference / lengths.squareRoot()) < 1e-14)
    }

    @Test("Right angles are exactly 0, and so is the angle with the zero vector")
    func zero() {
        #expect(cosine([1, 0], [0, 3]) == 0)
        #expect(cosine([0, 0, 0], [1, 2, 3]) == 0)
        #expect(cosine([0, 0], [0, 0]) == 0)
        #expect(cosine([Float](), []) == 0)
    }

    @Test("A NaN or an infinity in either vector gives NaN, beside a zero vector too")
    func notANumber() {
        #expect(cosine([1, .nan], [1, 2]).isNaN)
        #expect(cosine([1, 2], [.infinity, 2]).isNaN)
        #expect(cosine([0, 0], [.nan, 2]).isNaN)
    }

    @Test("The largest and the smallest floats neither overflow nor vanish")
    func extremes() {
        let large = [Float.greatestFiniteMagnitude, -.greatestFiniteMagnitude]
        let small = [Float.leastNonzeroMagnitude, -.leastNonzeroMagnitude]
        #expect(abs(cosine(large, large) - 1) < 1e-15)
        #expect(abs(cosine(large, small) - 1) < 1e-15)
    }

    @Test("Equal vectors have the cosine 1 exactly, so that equal sentences tie")
    func ties() {
        for seed in 1...200 {
            let vector = (0..<61).map { Float(($0 * 7919 + seed * 104_729) % 1009) / 1009 - 0.4 }
            #expect(cosine(vector, vector) == 1)
        }
    }

    @Test("Rows of a matrix need no copy")
    func rows() {
        let matrix: [Float] = [1, 2, 3, -1, -2, -3]
        let span = matrix.span
        #expect(cosine(span.extracting(0..<3), span.extracting(3..<6)) == -1)
    }
}
