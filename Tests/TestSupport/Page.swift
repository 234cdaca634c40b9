import Foundation
import FoundationXML

/// A page read back: an XML parser's view of it.
public struct Page {
    public struct Malformed: Error, CustomStringConvertible {
        public let description: String
    }

    /// Each element's name, in order.
    public private(set) var elements: [String] = []
    public private(set) var attributeNames: Set<String> = []
    public private(set) var ids: [String] = []
    public private(set) var classes: [String] = []
    /// What a browser would load from elsewhere.
    public private(set) var fetches: [String] = []
    /// All text.
    public private(set) var text = ""
    private var references: [String] = []

    /// What labels and links name, and isn't there.
    public var missingReferences: [String] { references.filter { !ids.contains($0) } }

    public init(_ html: String) throws {
        let reader = Reader()
        let parser = XMLParser(data: Data(html.utf8))
        parser.delegate = reader
        guard parser.parse() else {
            throw Malformed(
                description: "line \(parser.lineNumber): \(parser.parserError.map(String.init(describing:)) ?? "")")
        }
        self = reader.page
    }

    private init() {}

    private final class Reader: NSObject, XMLParserDelegate {
        var page = Page()

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            page.elements.append(name)
            page.attributeNames.formUnion(attributes.keys)
            page.ids += attributes["id"].map { [$0] } ?? []
            page.classes += attributes["class"].map { [$0] } ?? []
            page.references += (attributes["aria-labelledby"] ?? "").split(separator: " ").map(String.init)
            if let link = attributes["href"], link.hasPrefix("#") {
                page.references.append(String(link.dropFirst()))
            } else if let link = attributes["href"] ?? attributes["src"] {
                page.fetches.append(link)
            }
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) { page.text += text }
    }
}
