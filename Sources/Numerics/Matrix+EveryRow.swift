extension Matrix {
    /// Every `step`-th row from `first` on, as a view: one part of rows that are stored in turn.
    public func everyRow(_ step: Int, from first: Int) -> Matrix {
        precondition(step > 0 && rows % step == 0 && (0..<step).contains(first), "every \(step)th of \(rows) rows")
        return Matrix(
            storage: storage, offset: offset + first * stride, rows: rows / step, columns: columns,
            stride: step * stride)
    }
}
