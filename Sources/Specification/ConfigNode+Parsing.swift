import Diagnostics
import Files
import Yams

extension ConfigNode {
    /// Reads a YAML file whose root is a mapping.
    ///
    /// - Throws: one `Diagnostic` with line and column: text that is not YAML, a key twice, no mapping, an anchor,
    ///   an alias, a merge key, an explicit tag, several documents.
    init(mappingIn path: String) throws {
        let source = ConfigSource.file(path)
        let node = try ConfigNode(parsing: TextFile.text(of: path, atMost: .yaml), from: source)
        if case .null = node.content {
            throw Diagnostic("expected a mapping, found an empty file", at: SourceLocation(file: path))
        }
        _ = try node.mapping()
        self = node
    }

    /// Reads YAML text; an empty one is null.
    init(parsing text: String, from source: ConfigSource) throws {
        try ByteLimit.yaml.check(text.utf8.count, of: source.name)
        do {
            // Yams hashes the keys it composes, so an alias inside a key could cost exponential time before any
            // node is seen. Read as tags, anchors bind nothing, and each alias is refused where it stands.
            if text.utf8.contains(UInt8(ascii: "&")), text.utf8.contains(UInt8(ascii: "*")) {
                _ = try Self.compose(text.replacing("&", with: "!")) { _ in }
            }
            let text = YAMLText(text, source)
            let node = try Self.compose(text.whole) { try ConfigNode($0, from: text, depth: 0) }
            self = node ?? ConfigNode(.null, at: source.location(line: 1, column: 1), folder: source.folder)
        } catch let error as YamlError {
            throw Diagnostic(error, in: text, from: source)
        }
    }

    private static let depthLimit = 32

    /// - Parameter body: is called while the parser lives: nodes hold their anchors weakly.
    private static func compose<R>(_ text: String, _ body: (Yams.Node) throws -> R) throws -> R? {
        let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
        return try withExtendedLifetime(parser) { try parser.singleRoot().map(body) }
    }

    private init(_ node: Yams.Node, from text: YAMLText, depth: Int) throws {
        let location = text.location(of: node)
        guard depth < Self.depthLimit else {
            throw Diagnostic("expected at most \(Self.depthLimit) nested levels of YAML", at: location)
        }
        guard node.anchor == nil else { throw Diagnostic.anchorsRefused(at: location) }
        try text.refuseTag(of: node)
        let content: Content
        switch node {
        case .alias: throw Diagnostic.anchorsRefused(at: location)
        case .scalar(let scalar):
            content = Content(scalar)
        case .sequence(let sequence):
            content = .sequence(try sequence.map { try ConfigNode($0, from: text, depth: depth + 1) })
        case .mapping(let mapping):
            content = .mapping(
                try mapping.map { key, value in
                    try ConfigEntry(
                        key: key, value: ConfigNode(value, from: text, depth: depth + 1), from: text)
                })
        }
        self.init(content, at: location, folder: text.source.folder)
    }
}

/// YAML text, and where tags may stand in it.
private struct YAMLText {
    let whole: String
    let source: ConfigSource
    /// Of exclamation marks: no value without a tag begins with one.
    private var marks: Set<SourceLocation> = []

    init(_ text: String, _ source: ConfigSource) {
        (whole, self.source) = (text, source)
        for (line, content) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            for (column, scalar) in content.unicodeScalars.enumerated() where scalar == "!" {
                marks.insert(Self.place(line + 1, column + 1))
            }
        }
    }

    private static func place(_ line: Int, _ column: Int) -> SourceLocation {
        SourceLocation(file: "", line: line, column: column)
    }

    private func place(of node: Yams.Node) -> SourceLocation {
        Self.place(node.mark?.line ?? 0, node.mark?.column ?? 0)
    }

    func location(of node: Yams.Node) -> SourceLocation {
        source.location(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// Refuses a tag that is written down. What Yams says of one isn't enough: values in quotes and keys have that of text.
    func refuseTag(of node: Yams.Node) throws {
        let tag = node.tag.rawValue
        let known = [Tag.Name.str, .seq, .map].map(\.rawValue) + ["", "!"]
        // A mapping without braces begins where its first key does, whose tag that is.
        let isFirstKeys = node.mapping?.first.map { place(of: $0.key) == place(of: node) } ?? false
        let isWritten = !isFirstKeys && marks.contains(place(of: node))
        guard known.contains(tag), !isWritten else {
            throw Diagnostic("expected a value without a YAML tag, found \(tag)", at: location(of: node))
        }
    }
}

extension ConfigEntry {
    fileprivate init(key: Yams.Node, value: ConfigNode, from text: YAMLText) throws {
        let location = text.location(of: key)
        guard key.anchor == nil else { throw Diagnostic.anchorsRefused(at: location) }
        guard case .scalar(let scalar) = key else {
            throw Diagnostic(
                "expected text as a key, found a \(key.sequence == nil ? "mapping" : "list")", at: location)
        }
        try text.refuseTag(of: key)
        if scalar.string == "<<", scalar.style == .plain {
            throw Diagnostic("YAML merge keys (<<) are not read", at: location, suggestion: "use extends")
        }
        self.init(key: scalar.string, at: location, value: value)
    }
}

extension ConfigNode.Content {
    fileprivate init(_ scalar: Yams.Node.Scalar) {
        self = scalar.style == .plain ? Self(plain: scalar.string) : .text(scalar.string)
    }

    /// What an unquoted scalar stands for.
    init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .boolean(true)
        case "false", "False", "FALSE": self = .boolean(false)
        default:
            let isNumeric =
                text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
                && text.utf8.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            if isNumeric, let integer = Int(text) {
                self = .integer(integer)
            } else if isNumeric, let number = Double(text), number.isFinite {
                // Beyond what a double holds is no number, for whoever expects one.
                self = .number(number)
            } else {
                self = .text(text)
            }
        }
    }
}

extension Diagnostic {
    fileprivate static func anchorsRefused(at location: SourceLocation) -> Diagnostic {
        Diagnostic(
            "YAML anchors and aliases are not read", at: location,
            suggestion: "use extends, or quote a text that begins with & or *")
    }

    /// What to do about text that is no YAML; nil where only the parser's words say it.
    private static func advice(on problem: String, line: String, column: Int) -> String? {
        if line.unicodeScalars.dropFirst(column - 1).first == "\t" { return "indent with spaces, not tabs" }
        // Text in quotes ends with them: `"{text}" is` goes on behind.
        if problem.contains("did not find expected"),
            line.contains(/(?:^|[:,\[{-])\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*[^\s,:#\]}]/)
        {
            return "put the whole text in quotes: '\"{text}\" is'"
        }
        guard problem.contains("mapping values are not allowed") else { return nil }
        // A line with one key alone is right by itself: what stands before it isn't.
        return line.split(separator: /:(?:\s|$)/, omittingEmptySubsequences: false).count == 2
            ? "the line above lacks its colon, or this one isn't indented as its neighbours"
            : "put a text with a colon and a space in it, or with one at its end, in quotes"
    }

    /// - Parameter text: what Yams was given.
    fileprivate init(_ error: YamlError, in text: String, from source: ConfigSource) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let lead =
                context.map { "\($0.text)\($0.mark.line < mark.line ? " from line \($0.mark.line)" : ""), " } ?? ""
            self.init(
                "unreadable YAML: \(lead)\(problem)", at: source.location(line: mark.line, column: mark.column),
                suggestion: Self.advice(on: problem, line: String(text.line(mark.line)), column: mark.column))
        case .composer(_, "found undefined alias", let mark, _):
            self = .anchorsRefused(at: source.location(line: mark.line, column: mark.column))
        case .composer(let context, let problem, let mark, _):
            let lead = context.map { "\($0.text), " } ?? ""
            self.init("\(lead)\(problem)", at: source.location(line: mark.line, column: mark.column))
        case .reader(let problem, let offset, _, _):
            let before = text.utf8.prefix(offset ?? 0)
            let line = before.count { $0 == 0x0A } + 1
            let lineStart = before.lastIndex(of: 0x0A).map(before.index(after:)) ?? before.startIndex
            let column = String(decoding: before[lineStart...], as: UTF8.self).unicodeScalars.count + 1
            self.init("unreadable YAML: \(problem)", at: source.location(line: line, column: column))
        case .duplicatedKeysInMapping(let keys, let context):
            let (mark, key) = (context.mark, keys.first ?? "")
            let second = text.repetition(ofKeyAt: mark)
            let place = second ?? (line: mark.line, column: mark.column)
            self.init(
                "the key \"\(key)\" stands twice in one mapping\(second == nil ? "" : ", first in line \(mark.line)")",
                at: source.location(line: place.line, column: place.column))
        default:
            self.init("unreadable YAML: \(error)", at: SourceLocation(file: source.name))
        }
    }
}

extension String {
    /// A line by its number from 1; empty past the end.
    fileprivate func line(_ number: Int) -> String.UnicodeScalarView.SubSequence {
        let lines = unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.indices.contains(number - 1) ? lines[number - 1] : "".unicodeScalars[...]
    }

    /// Where the key at `mark` is repeated: Yams tells only its first place. Keys of one block mapping begin in
    /// the same column, and the mapping ends at the first line that begins before it.
    ///
    /// - Returns: nil for a mapping in braces, whose second key can stand anywhere.
    fileprivate func repetition(ofKeyAt mark: Mark) -> (line: Int, column: Int)? {
        let lines = unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        let indent = mark.column - 1
        guard lines.indices.contains(mark.line - 1),
            lines[mark.line - 1].prefix(indent).allSatisfy({ $0 == " " || $0 == "-" }),
            let key = lines[mark.line - 1].dropFirst(indent).split(separator: ":").first
        else { return nil }
        for (index, line) in lines.enumerated().dropFirst(mark.line) {
            guard let start = line.firstIndex(where: { $0 != " " }), line[start] != "#" else { continue }
            let column = line.distance(from: line.startIndex, to: start)
            if column < indent { return nil }
            if column == indent, line[start...].starts(with: key), line[start...].dropFirst(key.count).first == ":" {
                return (index + 1, mark.column)
            }
        }
        return nil
    }
}
