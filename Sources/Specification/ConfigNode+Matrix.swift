import Diagnostics
import Embedding
import Files
import Foundation

extension ConfigNode {
    /// What one item of a matrix's list stands for: itself, or each value of its range.
    func matrixValues(of key: String) throws(Diagnostic) -> [RunMatrix.Value] {
        if let labelled = try labelledValue(of: key) { return [labelled] }
        let nodes = MethodField.all.contains { $0.name == key && $0.hasRanges } ? try expandingRange() : [self]
        var values: [RunMatrix.Value] = []
        for node in nodes { values.append(try node.matrixValue(of: key)) }
        return values
    }

    /// This value alone.
    func matrixValue(of key: String) throws(Diagnostic) -> RunMatrix.Value {
        let label = try label(of: key)
        return RunMatrix.Value(label: label, node: self, title: label)
    }

    /// `{value: …, label: …}`: a value, and what tables call it; nil for any other.
    private func labelledValue(of key: String) throws(Diagnostic) -> RunMatrix.Value? {
        guard let value = self["value"], let label = self["label"], entries.count == 2 else { return nil }
        var labelled = try value.matrixValue(of: key)
        labelled.title = try label.label()
        return labelled
    }

    /// The values of `last 0..30`, `0..30`, `[0..29]` or `"[0..29]"`: one for each number from the first to the last.
    func expandingRange() throws(Diagnostic) -> [ConfigNode] {
        switch content {
        case .text(let text):
            guard let (before, range, after) = try range(in: text) else { return [self] }
            return range.map { replaced(by: Content(plain: "\(before)\($0)\(after)")) }
        case .sequence(let nodes):
            var lists: [[ConfigNode]] = [[]]
            for node in nodes {
                let values = try node.expandingRange()
                lists = lists.flatMap { list in values.map { list + [$0] } }
                guard lists.count <= RunMatrix.runLimit else {
                    throw Diagnostic("expected a list of at most \(RunMatrix.runLimit) values", at: location)
                }
            }
            return lists.map { replaced(by: .sequence($0)) }
        default: return [self]
        }
    }

    private func replaced(by content: Content) -> ConfigNode { ConfigNode(content, at: location, folder: folder) }

    /// The range in a text, and what stands around it; nil where there is none.
    private func range(in text: String) throws(Diagnostic) -> (String, ClosedRange<Int>, String)? {
        guard text.contains("..") else { return nil }
        let match = text.wholeMatch(of: /(.*?)(-?[0-9]+)\.\.(-?[0-9]+)(.*)/)
        guard let match, let first = Int(match.2), let last = Int(match.3), !match.4.contains("..") else {
            throw Diagnostic("expected one range such as 0..30, found \"\(text)\"", at: location)
        }
        guard first <= last else {
            throw Diagnostic("expected a range from low to high, found \"\(text)\"", at: location)
        }
        let (width, overflows) = last.subtractingReportingOverflow(first)
        guard !overflows, width < RunMatrix.runLimit else {
            throw Diagnostic(
                "expected a range of at most \(RunMatrix.runLimit) values, found \"\(text)\"", at: location)
        }
        return (String(match.1), first...last, String(match.4))
    }

    /// The value as a run's name spells it: one line, short, without slashes.
    private func label(of key: String) throws(Diagnostic) -> String {
        switch content {
        case .text(let text):
            return Self.short(["model", "adapter"].contains(key) ? Self.lastName(of: text) : text)
        case .integer(let integer): return String(integer)
        case .number(let number): return String(number)
        case .boolean(let flag): return String(flag)
        case .sequence(let nodes):
            var labels: [String] = []
            for node in nodes { labels.append(try node.label(of: key)) }
            return "[\(labels.joined(separator: ", "))]"
        case .mapping where key == MethodField.templateName: return Self.short(methodValue.plain)
        case .mapping where key == RunKey.trainName || DottedKey.isOne(key): return Self.short(try recipeLabel())
        default: throw expected("a value of \(key)")
        }
    }

    /// A recipe as its keys and values, such as `recipe nli steps 20`.
    private func recipeLabel() throws(Diagnostic) -> String {
        switch content {
        case .mapping(let entries):
            var words: [String] = []
            for entry in entries { words.append("\(entry.key) \(try entry.value.recipeLabel())") }
            return words.joined(separator: " ")
        case .sequence(let nodes):
            var words: [String] = []
            for node in nodes { words.append(try node.recipeLabel()) }
            return "[\(words.joined(separator: ", "))]"
        case .text(let text): return text
        case .integer(let integer): return String(integer)
        case .number(let number): return String(number)
        case .boolean(let flag): return String(flag)
        case .null: throw expected("a value of \(RunKey.trainName)")
        }
    }

    /// A model or an adapter given by its path goes by its file's name, one of the hub by its own.
    private static func lastName(of text: String) -> String {
        guard text.contains("/") else { return text }
        // A folder's name may have a point in it: Llama-3.2-1B.
        let url = URL(fileURLWithPath: text)
        let isFile = ["gguf", "safetensors"].contains(url.pathExtension)
        return (isFile ? url.deletingPathExtension() : url).lastPathComponent
    }

    /// A long text keeps its beginning, and the first digits of its hash tell it from its like; so do those of a text that
    /// looks like another one.
    private static func short(_ text: String) -> String {
        let line = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0 == "/" || $0.properties.generalCategory == .control ? " " : $0 }))
        let trimmed = line.trimmingCharacters(in: .whitespaces)
        // Texts that look alike though their code points differ would make one name.
        let isComposed = text.precomposedStringWithCanonicalMapping.utf8.elementsEqual(text.utf8)
        if trimmed.utf8.elementsEqual(text.utf8), isComposed, trimmed.count <= 40 { return text }
        let digest = SHA256Digest(of: text).description.prefix(6)
        return "\(trimmed.prefix(32).trimmingCharacters(in: .whitespaces))… \(digest)"
    }
}
