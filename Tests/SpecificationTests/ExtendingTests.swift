import Files
import Foundation
import TestSupport
import Testing

@Suite("docs/extending.md quotes code that compiles") struct ExtendingTests {
    private struct Quote {
        var section: Substring
        var file: Substring
        var block: Substring
    }

    /// Each block of code, with the file that is named before it: by the line before, or that of the block before.
    private func quotes() throws -> [Quote] {
        let text = try TextFile.text(of: "\(Fixtures.packageRoot)/docs/extending.md")
        var (quotes, section, file): ([Quote], Substring, Substring) = ([], "", "")
        for part in text.matches(of: /(?m)^## (.+)$|^`([A-Za-z][^`\n]*)`$|^```\w+\n((?s:.*?))\n```$/) {
            if let title = part.1 { (section, file) = (title, "") }
            if let path = part.2 { file = path }
            if let block = part.3 { quotes.append(Quote(section: section, file: file, block: block)) }
        }
        return quotes
    }

    @Test("Every block stands in the file that it names, word for word")
    func verbatim() throws {
        let quotes = try quotes()
        #expect(quotes.count >= 10)
        for quote in quotes {
            let source = try TextFile.text(of: "\(Fixtures.packageRoot)/\(quote.file)")
            #expect(source.contains(quote.block), "\(quote.section): \(quote.file) lacks\n\(quote.block)")
        }
        let sections = Set(quotes.map(\.section))
        #expect(sections.isSuperset(of: ["A family of models", "An objective", "A kind of task", "A pooling"]))
    }

    @Test("Every file that it sends to is there")
    func files() throws {
        let text = try TextFile.text(of: "\(Fixtures.packageRoot)/docs/extending.md")
        let paths = text.matches(of: /`((?:Sources|Tests|configs|scripts|docs)\/[^`\s]+)`/).map { String($0.1) }
        #expect(paths.count > 10)
        for path in paths where !path.contains("NAME") {
            #expect(FileManager.default.fileExists(atPath: "\(Fixtures.packageRoot)/\(path)"), "\(path)")
        }
    }
}
