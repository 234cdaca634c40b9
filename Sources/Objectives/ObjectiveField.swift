import Diagnostics

/// A key of an objective: how it is read, and how a resolved recipe writes it.
public struct ObjectiveField<Owner>: Sendable {
    public let name: String
    public let read: @Sendable (PlainValue, inout Owner) throws -> Void
    public let write: @Sendable (Owner) -> PlainValue

    public init(
        _ name: String, read: @escaping @Sendable (PlainValue, inout Owner) throws -> Void,
        write: @escaping @Sendable (Owner) -> PlainValue
    ) {
        (self.name, self.read, self.write) = (name, read, write)
    }

    public static func number(_ name: String, _ path: WritableKeyPath<Owner, Double> & Sendable) -> Self {
        Self(
            name, read: { value, owner in owner[keyPath: path] = try value.number() },
            write: { PlainValue(.number($0[keyPath: path])) })
    }

    public static func flag(_ name: String, _ path: WritableKeyPath<Owner, Bool> & Sendable) -> Self {
        Self(
            name, read: { value, owner in owner[keyPath: path] = try value.flag() },
            write: { PlainValue(.flag($0[keyPath: path])) })
    }

    /// How many of several things, or `all`.
    public static func count(_ name: String, _ path: WritableKeyPath<Owner, Int?> & Sendable) -> Self {
        Self(
            name,
            read: { value, owner in
                if case .text("all") = value.content { return owner[keyPath: path] = nil }
                guard case .integer(let count) = value.content else { throw value.expected("an integer, or all") }
                owner[keyPath: path] = count
            },
            write: { PlainValue($0[keyPath: path].map { .integer($0) } ?? .text("all")) })
    }

    /// One of a type's names.
    public static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ path: WritableKeyPath<Owner, Choice> & Sendable
    ) -> Self {
        let choices = Dictionary(uniqueKeysWithValues: Choice.allCases.map { ($0.rawValue, $0) })
        let names = Choice.allCases.map(\.rawValue)
        return Self(
            name,
            read: { value, owner in
                guard case .text(let text) = value.content else {
                    throw value.expected("one of: " + names.joined(separator: ", "))
                }
                guard let choice = choices[text] else {
                    throw Diagnostic.unknown(name, text, among: names, at: value.location)
                }
                owner[keyPath: path] = choice
            },
            write: { owner in
                let choice = owner[keyPath: path]
                return PlainValue(.text(choice.rawValue))
            })
    }

    /// The objective that this one is over.
    public static func objective(_ name: String, _ path: WritableKeyPath<Owner, AnyObjective> & Sendable) -> Self {
        Self(
            name,
            read: { value, owner in owner[keyPath: path] = AnyObjective(try ObjectiveCatalogue.inner(value)) },
            write: { $0[keyPath: path].base.plainValue })
    }
}

extension Objective {
    /// The names of its keys.
    public static var keys: [String] { fields.map(\.name) }

    /// Changes the number of a key; nothing where the key is another objective's.
    public mutating func read(_ key: String, _ value: PlainValue) throws {
        try Self.fields.first { $0.name == key }?.read(value, &self)
    }

    /// Every key that says something, with its value.
    public var written: [(key: String, value: PlainValue)] {
        let idle = idleKeys
        return Self.fields.filter { !idle.contains($0.name) }.map { ($0.name, $0.write(self)) }
    }

    /// As a recipe says it: `{matryoshka: {of: …, dimensions: […]}}`, or the name alone where there are no keys.
    public var plainValue: PlainValue {
        let fields = written
        guard !fields.isEmpty else { return PlainValue(.text(Self.name)) }
        return PlainValue(.mapping([(Self.name, PlainValue(.mapping(fields)))]))
    }

    static func from(_ entries: [(key: String, value: PlainValue)]) throws -> any Objective {
        var objective = Self()
        for (key, value) in entries {
            guard keys.contains(key) else {
                throw Diagnostic.unknown("key of the objective \(name)", key, among: keys, at: value.location)
            }
            try objective.read(key, value)
        }
        let idle = objective.idleKeys
        if let (key, value) = entries.first(where: { idle.contains($0.key) }) {
            let others = entries.map(\.key).filter { $0 != key }
            throw Diagnostic(
                "\(key) says nothing in the objective \(name) beside its other numbers"
                    + (others.isEmpty ? "" : ", \(others.joined(separator: ", "))"), at: value.location,
                suggestion: "leave it out")
        }
        return objective
    }
}

extension Diagnostic {
    /// The error for a number that isn't in the range it must be in.
    package static func expectedNumber(_ name: String, _ range: String, found: Double) -> Diagnostic {
        Diagnostic("expected \(name) to be \(range), found \(found)", subject: name)
    }
}
