/// An objective of whichever type, as a value that can be compared.
public struct AnyObjective: Hashable, Sendable {
    public var base: any Objective

    public init(_ base: any Objective) { self.base = base }

    public static func == (one: AnyObjective, other: AnyObjective) -> Bool { one.base.equals(other.base) }

    public func hash(into hasher: inout Hasher) { base.hash(into: &hasher) }

    /// In experiment files.
    public var name: String { type(of: base).name }
}

extension Objective {
    fileprivate func equals(_ other: any Objective) -> Bool { (other as? Self) == self }
}
