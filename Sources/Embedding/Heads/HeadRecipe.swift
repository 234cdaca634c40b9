import Diagnostics

/// The head of a training: its kind, and whether it belongs to the embedding.
public struct HeadRecipe: Hashable, Sendable {
    public var kind: any HeadKind
    /// Whether it is thrown away after the training: SimCSE's `mlp_only_train`. Else it belongs to the embedding: it is saved
    /// beside the adapter and evaluated.
    public var isForTrainingOnly: Bool

    public init(_ kind: any HeadKind, isForTrainingOnly: Bool = false) {
        (self.kind, self.isForTrainingOnly) = (kind, isForTrainingOnly)
    }

    private static let kindKey = "kind"
    private static let trainingOnlyKey = "train_only"

    /// Reads `{kind: linear, dimensions: 256, train_only: true}`.
    ///
    /// - Throws: a diagnostic at the value that is wrong.
    public init(_ value: MethodValue) throws(Diagnostic) {
        guard case .mapping(let entries) = value.content else {
            throw value.expected("none, or a mapping such as {kind: linear, dimensions: 256}")
        }
        let names = HeadKinds.all.map { $0.name }
        guard let said = entries.first(where: { $0.key == Self.kindKey }) else {
            throw Diagnostic(
                "expected the kind of the head: \(names.joined(separator: ", "))", at: value.location,
                suggestion: "write {kind: \(names[0]), …}")
        }
        let name = try said.value.text("the kind of a head")
        guard let type = HeadKinds.all.first(where: { $0.name == name }) else {
            throw .unknown("kind of head", name, among: names, at: said.value.location)
        }
        var rest = entries.filter { $0.key != Self.kindKey }
        isForTrainingOnly = false
        if let index = rest.firstIndex(where: { $0.key == Self.trainingOnlyKey }) {
            isForTrainingOnly = try rest.remove(at: index).value.flag()
        }
        kind = try type.reading(rest, besides: [Self.kindKey, Self.trainingOnlyKey], at: value.location)
    }

    /// What `init` reads.
    public var written: MethodValue {
        MethodValue(
            .mapping(
                [MethodValue.Entry(Self.kindKey, .text(name))] + kind.written
                    + [MethodValue.Entry(Self.trainingOnlyKey, MethodValue(.flag(isForTrainingOnly)))]))
    }

    /// In experiment files.
    public var name: String { type(of: kind).name }

    /// In words, such as `linear head of the training`.
    public var title: String { "\(name) head" + (isForTrainingOnly ? " of the training" : "") }

    /// - Parameter inputs: the width of pooled states
    public func shape(inputs: Int) -> HeadShape { HeadShape(kind.layers(inputs: inputs)) }

    public static func == (one: HeadRecipe, other: HeadRecipe) -> Bool {
        one.kind.equals(other.kind) && one.isForTrainingOnly == other.isForTrainingOnly
    }

    public func hash(into hasher: inout Hasher) {
        kind.hash(into: &hasher)
        hasher.combine(isForTrainingOnly)
    }
}

extension HeadKind {
    fileprivate func equals(_ other: any HeadKind) -> Bool { (other as? Self) == self }

    /// Every key that is said, with its value.
    fileprivate var written: [MethodValue.Entry] {
        Self.fields.compactMap { field in field.write(self).map { MethodValue.Entry(field.name, $0) } }
    }

    /// - Parameter others: keys of every head
    fileprivate static func reading(
        _ entries: [MethodValue.Entry], besides others: [String], at location: SourceLocation?
    ) throws(Diagnostic) -> any HeadKind {
        var kind = Self()
        for entry in entries {
            guard let field = fields.first(where: { $0.name == entry.key }) else {
                throw .unknown(
                    "key of a head of the kind \(name)", entry.key, among: others + fields.map(\.name),
                    at: entry.location)
            }
            try field.read(entry.value, &kind)
        }
        do {
            try kind.validate()
        } catch {
            throw error.placed(at: location) { key in entries.first { $0.key == key }?.location }
        }
        return kind
    }
}
