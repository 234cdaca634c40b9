extension String {
    /// The longest runs of scalars that meet a condition, as ranges of UTF-8 bytes.
    ///
    /// - Parameter range: which bytes to look at, whole scalars; nil for all
    func utf8Ranges(in range: Range<Int>? = nil, where condition: (Unicode.Scalar) -> Bool) -> [Range<Int>] {
        utf8Scalars(in: range, where: condition).reduce(into: []) { runs, scalar in
            if let last = runs.last, last.upperBound == scalar.lowerBound {
                runs[runs.count - 1] = last.lowerBound..<scalar.upperBound
            } else {
                runs.append(scalar)
            }
        }
    }

    /// Each scalar that meets a condition, as a range of UTF-8 bytes.
    func utf8Scalars(in range: Range<Int>? = nil, where condition: (Unicode.Scalar) -> Bool) -> [Range<Int>] {
        let range = range ?? 0..<utf8.count
        let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
        let end = utf8.index(start, offsetBy: range.count)
        var position = range.lowerBound
        return unicodeScalars[start..<end].compactMap { scalar in
            let lower = position
            position += UTF8.width(scalar)
            return condition(scalar) ? lower..<position : nil
        }
    }
}
