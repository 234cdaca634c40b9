import Diagnostics

/// A kind of head as a recipe says it: its keys, and the dense layers that it is made of. Forward, backward, files and checks
/// follow from the layers.
///
/// A kind is one file in `Kinds/` and its entry in `HeadKinds.all`.
public protocol HeadKind: Hashable, Sendable {
    /// In experiment files.
    static var name: String { get }
    /// Its keys, in the order in which a resolved recipe writes them.
    static var fields: [HeadField<Self>] { get }

    /// With the values that a recipe may leave out.
    init()

    /// Checks what its keys don't say one by one.
    func validate() throws(Diagnostic)

    /// - Parameter inputs: the width of pooled states
    func layers(inputs: Int) -> [DenseLayer]
}

extension HeadKind {
    public func validate() throws(Diagnostic) {}
}

/// Every kind of head that a recipe can name.
public enum HeadKinds {
    public static let all: [any HeadKind.Type] = [LinearHead.self, MLPHead.self]
}

/// A key of a kind of head: how it is read, and how a resolved recipe writes it.
public struct HeadField<Owner>: Sendable {
    public let name: String
    public let read: @Sendable (MethodValue, inout Owner) throws(Diagnostic) -> Void
    /// nil where it is left to its default.
    public let write: @Sendable (Owner) -> MethodValue?

    /// Of a layer: more than any model has, few enough to be counted.
    private static var widths: ClosedRange<Int> { 1...65_536 }

    /// What an embedding is wide; as pooled states are where nothing is said.
    static func width(_ name: String, _ path: WritableKeyPath<Owner, Int?> & Sendable) -> Self {
        Self(
            name: name,
            read: { value, owner throws(Diagnostic) in
                owner[keyPath: path] = try NumberRange(name, widths).check(value.integer(), at: value.location)
            }, write: { $0[keyPath: path].map { MethodValue(.integer($0)) } })
    }

    /// One width, or several.
    static func widths(_ name: String, _ path: WritableKeyPath<Owner, [Int]> & Sendable) -> Self {
        Self(
            name: name,
            read: { value, owner throws(Diagnostic) in
                var items = [value]
                if case .list(let several) = value.content { items = several }
                guard !items.isEmpty else { throw value.expected("at least one width") }
                var found: [Int] = []
                for item in items {
                    found.append(try NumberRange(name, widths).check(item.integer(), at: item.location))
                }
                owner[keyPath: path] = found
            }, write: { MethodValue(.list($0[keyPath: path].map { MethodValue(.integer($0)) })) })
    }

    static func flag(_ name: String, _ path: WritableKeyPath<Owner, Bool> & Sendable) -> Self {
        Self(
            name: name,
            read: { value, owner throws(Diagnostic) in owner[keyPath: path] = try value.flag() },
            write: { MethodValue(.flag($0[keyPath: path])) })
    }

    static func activation(_ name: String, _ path: WritableKeyPath<Owner, HeadActivation> & Sendable) -> Self {
        Self(
            name: name,
            read: { value, owner throws(Diagnostic) in owner[keyPath: path] = try value.choice("activation") },
            write: { .text($0[keyPath: path].rawValue) })
    }
}
