import Diagnostics
import Embedding
import Models
import Testing

@Suite("The table of a method's fields")
struct MethodFieldTests {
    /// Unlike `unsaid` in every field.
    private func method() throws -> EmbeddingMethod {
        var method = EmbeddingMethod(
            normaliser: .prompteol, pooling: .weightedMean, layer: HiddenLayer(-3), attention: .layers([1, 3]))
        method.templates = try RoleTemplates(
            standard: PromptTemplate("a {text}"), byRole: [.query: PromptTemplate("q {text}")])
        method.templates.tokenisation = .pieces
        (method.prependLayers, method.padding, method.projection) = (1..<2, .visible, .folder)
        return method
    }

    @Test("has each property: what is written of a method, read again, is the method", arguments: [true, false])
    func roundTrip(isUnsaid: Bool) throws {
        let method = try isUnsaid ? .unsaid : method()
        var read = try isUnsaid ? self.method() : .unsaid
        for field in MethodField.all { try field.read(field.value(method), into: &read) }
        #expect(read == method)
        var assigned = try isUnsaid ? self.method() : EmbeddingMethod.unsaid
        for field in MethodField.all { field.assign(method, to: &assigned) }
        #expect(assigned == method)
    }

    @Test("leaves out what is at its default, where it may")
    func defaults() throws {
        let written = MethodField.all.filter { $0.written(.unsaid) != nil }.map(\.name)
        #expect(written == ["template", "normaliser", "pooling", "layer", "bidirectional"])
        let method = try method()
        #expect(MethodField.all.allSatisfy { $0.written(method) != nil })
    }

    @Test("names each field and each column once")
    func names() {
        #expect(Set(MethodField.names).count == MethodField.all.count)
        #expect(Set(MethodField.columns.map(\.name)).count == MethodField.columns.count)
        #expect(MethodField.all.allSatisfy { !$0.columns.isEmpty && !$0.summary.isEmpty })
    }

    @Test("says what a pass has alike, and what the cache goes by: a field that is read of a pass is in its key")
    func keys() throws {
        let method = try method()
        let base = try ResolvedMethod(.unsaid, layerCount: 6)
        for field in MethodField.all {
            var other = EmbeddingMethod.unsaid
            field.assign(method, to: &other)
            #expect((other.passKey == EmbeddingMethod.unsaid.passKey) == (field.scope == .readout), "\(field.name)")
            #expect((other.tokensKey == EmbeddingMethod.unsaid.tokensKey) == (field.scope != .prompt), "\(field.name)")
            guard field.scope == .readout else { continue }
            #expect(try ResolvedMethod(other, layerCount: 6).cacheLines != base.cacheLines, "\(field.name)")
        }
    }

    @Test("a method that is resolved has its layers counted, and native is what the model's kind has")
    func resolved() throws {
        var method = try method()
        let resolved = try ResolvedMethod(method, layerCount: 6)
        #expect(resolved.hiddenLayer == 4 && resolved.bidirectionalLayers == [1, 3])
        #expect(resolved.countedOut.layer.index == 4)
        method.attention = .native
        #expect(try ResolvedMethod(method, layerCount: 6).method.attention == .none)
        #expect(throws: Diagnostic.self) { try ResolvedMethod(method, layerCount: 1) }
    }
}
