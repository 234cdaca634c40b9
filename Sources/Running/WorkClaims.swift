/// What keeps processes, on several machines too, from doing the same work twice.
package protocol WorkClaims: Sendable {
    /// Takes a piece of work.
    ///
    /// - Returns: what lets the next one have it; nil where another process has it.
    func claim(_ work: String) throws -> (() -> Void)?
}
