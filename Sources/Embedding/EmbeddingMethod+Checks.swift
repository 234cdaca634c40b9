import Diagnostics
import Foundation
import Models

extension EmbeddingMethod {
    /// Checks what needs the model's depth, that the hidden layer and the plan's layers exist, and that a placeholder
    /// and layers to prepend before come together.
    public func check(layerCount: Int) throws(Diagnostic) {
        _ = try readout(layerCount: layerCount)
        for template in templates.all where template.hasPlaceholder == prependLayers.isEmpty {
            throw Diagnostic(
                template.hasPlaceholder
                    ? "the template has {prepend}, but no layers to prepend before are given"
                    : "layers to prepend before are given, but the template has no {prepend}: \(template)")
        }
    }

    /// Checks what needs the kind of the model: that an encoder's layers stay bidirectional, and that static word vectors
    /// are asked for nothing that depends on the order of words.
    public func check(_ shape: BackboneShape) throws(Diagnostic) {
        try shape.check(attention)
        guard shape.isStatic else { return }
        try checkStaticPooling()
        try checkStaticTemplates()
    }

    /// Checks that static word vectors are pooled without the order of words.
    public func checkStaticPooling() throws(Diagnostic) {
        guard [.mean, .max].contains(pooling) else {
            throw Diagnostic(
                "static word vectors don't know the order of words; expected mean or max pooling, found \(pooling)")
        }
    }

    /// Checks that static word vectors are averaged without a template's words.
    public func checkStaticTemplates() throws(Diagnostic) {
        guard templates.all.allSatisfy({ $0 == .plain }) else {
            throw Diagnostic(
                "static word vectors average a template's words with the sentence's; expected {text}, found \(templates)"
            )
        }
    }

    /// What the method reads of a model.
    func readout(layerCount: Int) throws(Diagnostic) -> Readout {
        try Readout(
            attention: attention, layer: layer, rows: pooling.rows(in: templates), prepending: prependLayers,
            layerCount: layerCount)
    }

    /// Reads `A..<B`, the layers from A to B - 1, or `none`.
    public static func prependLayers(parsing text: String) throws(Diagnostic) -> Range<Int> {
        if text == "none" { return 0..<0 }
        let bounds = text.components(separatedBy: "..<").map { Int($0.filter { $0 != " " }) }
        guard bounds.count == 2, let lower = bounds[0], let upper = bounds[1], 0 <= lower, lower < upper else {
            throw Diagnostic("expected layers such as 1..<8, found the text \"\(text)\"")
        }
        return lower..<upper
    }
}
