/// Which text of the same sentence pairs a data folder holds: a protocol is not reproducible without it.
public enum TextVariant: String, CaseIterable, Sendable {
    /// The organisers' text, untokenised.
    case raw
    /// The text after SentEval's `get_transfer_data.bash`: tokenised, and all but SICK in lower case.
    case senteval
    /// Neither, or a mixture of both.
    case unknown
    /// A user's file.
    case own

    /// What an experiment may ask for.
    public static let official: [TextVariant] = [.raw, .senteval]
}
