extension StringProtocol {
    /// At most so many scalars, and `…` where there are more: of what a file or a server wrote, a line shows no more than a line.
    public func beginning(_ most: Int = 80) -> String {
        let scalars = unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: most, limitedBy: scalars.endIndex),
            end < scalars.endIndex
        else { return String(self) }
        return String(String.UnicodeScalarView(scalars[..<end])) + "…"
    }
}
