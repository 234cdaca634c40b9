/// A part of a result's page that the contents list names.
struct PageSection {
    let id: String
    let title: String
    let content: Markup

    /// - Parameters:
    ///   - prefix: what its id begins with, unique in the page
    ///   - name: short and unique in the result, in letters and hyphens
    init(_ title: String, prefix: String, name: String, _ content: Markup) {
        (id, self.title, self.content) = ("\(prefix)-\(name)", title, content)
    }

    var markup: Markup {
        .element(
            "section", ["id": id, "aria-labelledby": "\(id)-heading"],
            [.element("h3", ["id": "\(id)-heading"], text: title), content])
    }

    var link: Markup { .element("a", ["href": "#\(id)"], text: title) }
}
