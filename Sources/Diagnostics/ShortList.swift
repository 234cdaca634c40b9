extension [String] {
    /// The first by name and how many more there are, as a message names what may be hundreds: `a, b, c and 112 more`.
    public func shortList(most: Int = 3) -> String {
        prefix(most).joined(separator: ", ") + (count > most ? " and \(count - most) more" : "")
    }
}
