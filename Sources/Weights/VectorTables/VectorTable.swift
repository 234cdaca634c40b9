import Diagnostics
import Files

/// Static vectors by number: a vector for each word of a list, or for each token of a tokenizer.
public protocol VectorTable: Sendable {
    /// The number of vectors.
    var count: Int { get }
    /// The numbers in each.
    var dimensions: Int { get }
    /// - Parameter index: inside `0..<count`
    /// - Throws: where a number of it is none.
    func vector(_ index: Int) throws -> [Float]
    /// The size of the file.
    var fileBytes: Int { get }
    /// The digest of the file.
    func sha256() -> SHA256Digest
}

extension WordVectorFile: VectorTable {
    public var count: Int { words.count }
    public var fileBytes: Int { file.count }
    public func sha256() -> SHA256Digest { file.sha256() }
}
