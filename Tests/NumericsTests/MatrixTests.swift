import Numerics
import TestSupport
import Testing

@Suite struct MatrixTests {
    private let matrix = Matrix(rows: 3, columns: 4, (0..<12).map(Float.init))

    @Test("a slice of rows and columns is a view with the whole's stride")
    func views() {
        let view = matrix[rows: 1..<3][columns: 1..<3]
        #expect((view.rows, view.columns, view.stride) == (2, 2, 4))
        #expect(view.elements == [5, 6, 9, 10])
        view[1, 0] = -1
        #expect(matrix[2, 1] == -1)
        #expect(view[rows: 1..<2].array(row: 0) == [-1, 10])
    }

    @Test("empty slices are matrices without elements")
    func emptySlices() {
        #expect(matrix[rows: 3..<3].rows == 0)
        #expect(matrix[columns: 4..<4].columns == 0)
        #expect(Matrix(rows: 0, columns: 5).elements.isEmpty)
    }

    @Test("a copy has elements of its own, without gaps")
    func copies() {
        let copy = matrix[columns: 1..<3].copy()
        #expect(copy.stride == 2)
        copy[0, 0] = 100
        #expect(matrix[0, 1] == 1)
    }

    @Test("a view keeps the storage alive")
    func storageOutlivesTheWhole() {
        func view() -> Matrix { Matrix(rows: 2, columns: 2, [1, 2, 3, 4])[rows: 1..<2] }
        #expect(view().elements == [3, 4])
    }

    @Test("rows are assigned from matrices, frozen matrices and arrays")
    func assigning() {
        let target = Matrix(rows: 2, columns: 2)
        target.assign(row: 0, from: matrix[columns: 2..<4], row: 1)
        target.assign(row: 1, from: [8, 9])
        #expect(target.elements == [6, 7, 8, 9])
        target.assign(row: 1, from: matrix.frozen[columns: 0..<2], row: 2)
        #expect(target.elements == [6, 7, 8, 9].prefix(2) + [8, 9])
        target.assign(matrix[rows: 0..<2][columns: 0..<2])
        #expect(target.elements == [0, 1, 4, 5])
    }

    @Test("a decoder fills the rows it asks for and no others")
    func fillingInPlace() {
        matrix[rows: 0..<3].withUnsafeMutableElements(rows: 1..<2) { elements in
            #expect(elements.count == 4)
            for index in elements.indices { elements[index] = 7 }
        }
        #expect(matrix.elements == [0, 1, 2, 3, 7, 7, 7, 7, 8, 9, 10, 11])
    }

    @Test("a frozen matrix reads as the matrix does, and its copy may be written")
    func frozen() {
        let frozen = matrix.frozen
        #expect((frozen.rows, frozen.columns, frozen.stride) == (3, 4, 4))
        #expect(frozen[rows: 1..<2][columns: 2..<4].array(row: 0) == [6, 7])
        let copy = frozen.copy()
        copy[0, 0] = 50
        #expect(frozen[0, 0] == 0)
    }

    @Test("an index, a range or a count that doesn't fit stops the program")
    func preconditions() async {
        await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 2)[2, 0] }
        await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 2)[rows: 1..<3] }
        await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 2)[columns: -1..<1] }
        await #expect(processExitsWith: .failure) { _ = Matrix(rows: 2, columns: 2, [1, 2, 3]) }
        await #expect(processExitsWith: .failure) { Matrix(rows: 2, columns: 2).assign(row: 0, from: [1, 2, 3]) }
        await #expect(processExitsWith: .failure) {
            Matrix(rows: 2, columns: 2)[columns: 0..<1].withUnsafeMutableElements(rows: 0..<1) { _ in }
        }
        await #expect(processExitsWith: .failure) {
            Kernels.gate(Matrix(rows: 1, columns: 3), by: .silu, into: Matrix(rows: 1, columns: 1))
        }
    }
}
