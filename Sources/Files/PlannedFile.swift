/// A file that a command will write, one of several.
public struct PlannedFile: Hashable, Sendable {
    public let path: String
    public let kind: OutputKind

    public init(_ path: String, _ kind: OutputKind) { (self.path, self.kind) = (path, kind) }

    /// Tries before the work what a single output is tried for.
    ///
    /// - Throws: where it can't be written, is read by this command, or would replace a file of another kind.
    public func check() throws {
        let destination = try OutputDestination(path)
        try destination.check()
        try destination.refuseInputs()
        try destination.refuseOtherThan(kind)
    }
}
