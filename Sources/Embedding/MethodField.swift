import Diagnostics
import Models

/// A field of an embedding method: how it is read and written, and what follows from it.
///
/// Experiments' run keys, the command line's options, the embedding cache's keys, a result's columns, which runs share a
/// pass, and the list of keys in docs/experiments.md derive from `MethodField.all`. A new knob is a property of
/// `EmbeddingMethod`, an entry here, and what the engine does with it.
public struct MethodField: Sendable {
    /// What a field decides, which is what may differ where it may.
    public enum Scope: Sendable {
        /// A sentence's tokens: each of several prompts has its own, and runs that agree are tokenised once.
        case prompt
        /// Which rows a pass has: runs that agree share it.
        case pass
        /// What is read of a pass.
        case readout
    }

    /// The run key; an option has dashes for underscores.
    public let name: String
    public let scope: Scope
    /// What it means, for help.
    public let summary: String
    /// What an option's value is called, such as `name`.
    public let placeholder: String
    /// Whether a matrix takes ranges of numbers in its values, such as `last 0..4`.
    public let hasRanges: Bool
    /// Whether a resolved run says it also where it is at its default.
    public let isAlwaysWritten: Bool
    /// What a result's table of runs has of it.
    public let columns: [MethodColumn]
    private let readValue: @Sendable (MethodValue, inout EmbeddingMethod) throws(Diagnostic) -> Void
    private let writeValue: @Sendable (EmbeddingMethod) -> MethodValue
    private let assignValue: @Sendable (EmbeddingMethod, inout EmbeddingMethod) -> Void
    private let isEqual: @Sendable (EmbeddingMethod, EmbeddingMethod) -> Bool
    private let cacheKey: (@Sendable (ResolvedMethod) -> String)?

    /// - Parameters:
    ///   - value: the property
    ///   - read: the property's value of what was written
    ///   - write: what `read` reads
    ///   - cacheKey: what of the field decides an embedding's bits, the token ids given; nil for nothing
    init<Value: Equatable & SendableMetatype>(
        _ name: String, _ value: WritableKeyPath<EmbeddingMethod, Value> & Sendable, _ form: Form,
        read: @escaping @Sendable (MethodValue) throws(Diagnostic) -> Value,
        write: @escaping @Sendable (Value) -> MethodValue,
        cacheKey: (@Sendable (ResolvedMethod) -> String)? = nil
    ) {
        (self.name, self.cacheKey) = (name, cacheKey)
        (scope, summary, placeholder) = (form.scope, form.summary, form.placeholder)
        (hasRanges, isAlwaysWritten, columns) = (form.hasRanges, form.isAlwaysWritten, form.columns)
        readValue = { written, method throws(Diagnostic) in method[keyPath: value] = try read(written) }
        writeValue = { write($0[keyPath: value]) }
        assignValue = { $1[keyPath: value] = $0[keyPath: value] }
        isEqual = { $0[keyPath: value] == $1[keyPath: value] }
    }

    /// What is said of a field beside its value.
    struct Form {
        var scope: Scope
        var summary: String
        var placeholder = "name"
        var hasRanges = false
        var isAlwaysWritten = true
        var columns: [MethodColumn]
    }

    /// Puts a written value into the method.
    public func read(_ value: MethodValue, into method: inout EmbeddingMethod) throws(Diagnostic) {
        try readValue(value, &method)
    }

    /// The method's value as it is written; nil where it is at its default and needn't be said.
    public func written(_ method: EmbeddingMethod) -> MethodValue? {
        isAlwaysWritten || !isEqual(method, .unsaid) ? writeValue(method) : nil
    }

    /// The method's value, its default too.
    public func value(_ method: EmbeddingMethod) -> MethodValue { writeValue(method) }

    /// Makes the field of one method that of another.
    public func assign(_ source: EmbeddingMethod, to method: inout EmbeddingMethod) { assignValue(source, &method) }

    /// What decides an embedding's bits, the token ids given; nil for nothing.
    func cacheLine(_ method: ResolvedMethod) -> String? { cacheKey.map { "\(name) \($0(method))" } }

    public static let names = all.map(\.name)

    /// Of the field that says how many prompts there are, where it is a list.
    public static let templateName = "template"
    public static let normaliserName = "normaliser"
    public static let layerName = "layer"
    public static let projectionName = "projection"

    /// The columns of a method in a result's table of runs.
    public static let columns = all.flatMap(\.columns)

    /// Those of which each of several prompts has its own.
    public static let ofPrompts = all.filter { $0.scope == .prompt }
}

/// A column that a field has in a result's table of runs.
public struct MethodColumn: Sendable {
    public enum Value: Hashable, Sendable {
        case text(String)
        case integer(Int)
        case number(Double)
        case integers([Int])

        /// For a reader.
        public var text: String {
            switch self {
            case .text(let text): text
            case .integer(let integer): String(integer)
            case .number(let number): String(number)
            case .integers(let integers): integers.description
            }
        }
    }

    public let name: String
    /// Its name in words.
    public var title: String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { $0 == "_" ? " " : $0 }))
    }

    /// What a run has of which nothing was recorded.
    public let blank: Value
    /// Whether files of earlier versions lack it.
    public let isOptional: Bool
    /// - Parameter methods: the run's, one for each of its prompts; at least one
    public let value: @Sendable (_ methods: [ResolvedMethod]) -> Value

    init(
        _ name: String, blank: Value = .text(""), isOptional: Bool = false,
        _ value: @escaping @Sendable (_ methods: [ResolvedMethod]) -> Value
    ) {
        (self.name, self.blank, self.isOptional, self.value) = (name, blank, isOptional, value)
    }

    /// Of what all methods have in common: the first one's.
    static func ofFirst(
        _ name: String, blank: Value = .text(""), isOptional: Bool = false,
        _ value: @escaping @Sendable (ResolvedMethod) -> Value
    ) -> MethodColumn {
        MethodColumn(name, blank: blank, isOptional: isOptional) { $0.first.map(value) ?? blank }
    }

    /// Of what prompts may differ in: one a line, each once.
    static func distinct(
        _ name: String, blank: String = "", isOptional: Bool = false,
        _ value: @escaping @Sendable (EmbeddingMethod) -> String
    ) -> MethodColumn {
        MethodColumn(name, blank: .text(blank), isOptional: isOptional) { methods in
            .text(Set(methods.map { value($0.method) }).sorted().joined(separator: "\n"))
        }
    }
}

extension EmbeddingMethod {
    /// What is true where nothing is said; pooling, which decoders have no default for, has a value without meaning.
    public static let unsaid = EmbeddingMethod(pooling: .last, attention: .native)

    /// What decides the prompts' tokens, and nothing else: the same for methods whose prompts are the same.
    public var tokensKey: EmbeddingMethod { keeping([.prompt]) }

    /// What decides the rows of a pass: the same for methods that can share one.
    public var passKey: EmbeddingMethod { keeping([.prompt, .pass]) }

    private func keeping(_ scopes: [MethodField.Scope]) -> EmbeddingMethod {
        var key = Self.unsaid
        for field in MethodField.all where scopes.contains(field.scope) { field.assign(self, to: &key) }
        return key
    }
}
