import Diagnostics
import Models

extension MethodField {
    /// In the order of experiments, options and columns.
    public static let all: [MethodField] = [
        MethodField(
            templateName, \.templates,
            Form(
                scope: .prompt,
                summary:
                    "What stands around the sentence, {text}, which is the default. Said several times, the prompts' "
                    + "embeddings are averaged.", placeholder: "template",
                columns: [
                    MethodColumn("template") { methods in
                        .text(methods.map(\.method.templates.description).joined(separator: "\n"))
                    }
                ]),
            read: { value throws(Diagnostic) in try RoleTemplates(value) }, write: \.written),
        MethodField(
            "tokenise", \.templates.tokenisation,
            Form(
                scope: .prompt,
                summary: "How a prompt becomes tokens: \(names(of: Tokenisation.self)). Default: whole.",
                isAlwaysWritten: false,
                columns: [
                    .distinct(
                        "tokenise", blank: Tokenisation.whole.rawValue, isOptional: true,
                        \.templates.tokenisation.rawValue)
                ]),
            read: { value throws(Diagnostic) in
                try value.located(value.text("a tokenisation"), Tokenisation.init(named:))
            }, write: { .text($0.rawValue) }),
        MethodField(
            normaliserName, \.normaliser,
            Form(
                scope: .prompt,
                summary: "What happens to a sentence first: \(names(of: Normaliser.self)). Default: none, "
                    + "which squeezes white space; verbatim where a folder of sentence-transformers says the method.",
                columns: [.distinct("normaliser", \.normaliser.rawValue)]),
            read: { value throws(Diagnostic) in
                try value.located(value.text("a normaliser"), Normaliser.init(named:))
            }, write: { .text($0.rawValue) }),
        MethodField(
            "pooling", \.pooling,
            Form(
                scope: .readout,
                summary:
                    "How the tokens' hidden states become one vector: \(names(of: Pooling.self)). Decoders have no "
                    + "default.", columns: [.ofFirst("pooling") { .text($0.method.pooling.rawValue) }]),
            read: { value throws(Diagnostic) in try value.located(value.text("a pooling"), Pooling.init(named:)) },
            write: { .text($0.rawValue) }, cacheKey: { $0.method.pooling.rawValue }),
        MethodField(
            layerName, \.layer,
            Form(
                scope: .readout,
                summary: "The hidden layer to pool: -1 is after the final norm, 0 the embedding layer. Default: -1.",
                placeholder: "k", hasRanges: true,
                columns: [.ofFirst("hidden_layer", blank: .integer(-1)) { .integer($0.method.layer.index) }]),
            read: { value throws(Diagnostic) in HiddenLayer(try value.integer()) },
            write: { MethodValue(.integer($0.index)) }, cacheKey: { String($0.hiddenLayer) }),
        MethodField(
            "bidirectional", \.attention,
            Form(
                scope: .readout,
                summary:
                    "Layers that attend in both directions: native (none in a decoder, all in an encoder), none, all, "
                    + "'last N', 'from N', '[i, j]'. Default: native.", placeholder: "plan", hasRanges: true,
                columns: [
                    .ofFirst("attention_plan") { .text($0.method.attention.description) },
                    .ofFirst("bidirectional_layers", blank: .integers([])) { .integers($0.bidirectionalLayers) },
                ]),
            read: { value throws(Diagnostic) in try AttentionPlan(value) }, write: { .text($0.description) },
            cacheKey: { "\($0.computedBidirectionalLayers)" }),
        MethodField(
            "prepend_layers", \.prependLayers,
            Form(
                scope: .readout,
                summary: "The layers before which the last token's state goes to {prepend}'s place (Token Prepending).",
                placeholder: "a..<b", isAlwaysWritten: false,
                columns: [
                    .ofFirst("prepend_layers", isOptional: true) { resolved in
                        let layers = resolved.method.prependLayers
                        return .text(layers.isEmpty ? "" : EmbeddingMethod.written(layers))
                    }
                ]),
            read: { value throws(Diagnostic) in
                let expectation = "layers such as 1..<8"
                let text = try value.text(expectation)
                return try value.located(text, EmbeddingMethod.prependLayers(parsing:))
            }, write: { .text(EmbeddingMethod.written($0)) },
            cacheKey: { "\(Array($0.method.prependLayers.clamped(to: 0..<$0.hiddenLayer)))" }),
        MethodField(
            "padding", \.padding,
            Form(
                scope: .pass,
                summary:
                    "none, or visible: batches of 16 lines, padded as the released BeLLM does, depend on their longest "
                    + "line. Default: none.", isAlwaysWritten: false,
                columns: [.ofFirst("padding", isOptional: true) { .text($0.method.padding.rawValue) }]),
            read: { value throws(Diagnostic) in try value.choice("padding") }, write: { .text($0.rawValue) }),
        MethodField(
            projectionName, \.projection,
            Form(
                scope: .pass,
                summary:
                    "none, or folder: the Dense layers of a folder of sentence-transformers. Default: none; folder where "
                    + "such a folder says the method.", isAlwaysWritten: false,
                columns: [
                    .ofFirst("projection", blank: .text(Projection.none.rawValue), isOptional: true) {
                        .text($0.method.projection.rawValue)
                    }
                ]),
            read: { value throws(Diagnostic) in try value.choice("projection") }, write: { .text($0.rawValue) }),
    ]

    private static func names<Choice: CaseIterable & RawRepresentable>(of: Choice.Type) -> String
    where Choice.RawValue == String {
        Choice.allCases.map(\.rawValue).joined(separator: ", ")
    }
}

extension EmbeddingMethod {
    /// As `prependLayers(parsing:)` reads it.
    static func written(_ layers: Range<Int>) -> String {
        layers.isEmpty ? "none" : "\(layers.lowerBound)..<\(layers.upperBound)"
    }
}

extension AttentionPlan {
    /// Its written form, or a list of layers.
    init(_ value: MethodValue) throws(Diagnostic) {
        let expectation = "native, none, all, last N, from N or a list of layers such as [28, 29]"
        switch value.content {
        case .text(let text): self = try value.located(text, AttentionPlan.init(parsing:))
        case .list(let items):
            var layers: [Int] = []
            for item in items {
                let layer = try item.integer()
                guard layer >= 0 else { throw item.expected("a layer, counted from 0") }
                layers.append(layer)
            }
            self = .layers(layers)
        case .integer(let layer) where layer >= 0:
            throw value.expected(
                expectation, suggestion: "[\(layer)] is that layer alone, last \(layer) the final \(layer)")
        default: throw value.expected(expectation)
        }
    }
}

extension RoleTemplates {
    /// One template, or a mapping of roles to templates such as `{query: "Q: {text}", document: "{text}"}`.
    init(_ value: MethodValue) throws(Diagnostic) {
        // YAML reads {text} without quotes as a mapping of text to nothing.
        guard case .mapping(let entries) = value.content,
            entries.isEmpty || !entries.contains(where: { $0.value.isNothing })
        else {
            if case .text(let text) = value.content, Self.looksLikeMapping(text) {
                throw Diagnostic(
                    "expected a template, found the text of a mapping of roles to templates", at: value.location,
                    suggestion:
                        "an experiment file takes such a mapping; here, say the template of the role that is meant"
                )
            }
            self.init(try Self.template(value))
            return
        }
        var standard: PromptTemplate?
        var byRole: [TextRole: PromptTemplate] = [:]
        for entry in entries {
            guard Self.names.contains(entry.key) else {
                throw .unknown("role", entry.key, among: Self.names, at: entry.location)
            }
            let template = try Self.template(entry.value)
            if let role = TextRole.all.first(where: { $0.description == entry.key }) {
                byRole[role] = template
            } else {
                standard = template
            }
        }
        do {
            try self.init(standard: standard, byRole: byRole)
        } catch {
            throw Diagnostic(error.message, at: value.location)
        }
    }

    /// Whether a text is `{query: …}` with a role's name: YAML in a place that takes a template alone, where the braces would
    /// reach the model.
    private static func looksLikeMapping(_ text: String) -> Bool {
        let trimmed = text.drop { $0.isWhitespace }
        guard trimmed.first == "{" else { return false }
        let inner = trimmed.dropFirst().drop { $0.isWhitespace || "\"'".contains($0) }
        return names.contains { name in
            inner.hasPrefix(name)
                && inner.dropFirst(name.count).drop { $0.isWhitespace || "\"'".contains($0) }.first == ":"
        }
    }

    private static func template(_ value: MethodValue) throws(Diagnostic) -> PromptTemplate {
        try value.located(value.freeText("a template such as \"{text}\"")) { text throws(Diagnostic) in
            try PromptTemplate(text)
        }
    }

    var written: MethodValue {
        if let standard, byRole.isEmpty { return .text(standard.description) }
        return MethodValue(.mapping(entries.map { MethodValue.Entry($0.name, .text($0.template.description)) }))
    }
}
