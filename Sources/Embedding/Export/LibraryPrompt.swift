import Diagnostics

/// What stands around a sentence, as the sentence-transformers library can say it: a prompt of its own before the sentence; what
/// stands behind is its tokenizer's.
struct LibraryPrompt: Hashable {
    var before = ""
    var behind = ""
}

extension PromptTemplate {
    /// - Throws: where the template is more than words before and behind the sentence, with what would be lost.
    func libraryPrompt() throws(Diagnostic) -> LibraryPrompt {
        var prompt = LibraryPrompt()
        var hasSentence = false
        func refusal(_ what: String) -> Diagnostic {
            Diagnostic("sentence-transformers has a prompt before a sentence: \(what) would be lost: \(self)")
        }
        for part in parts {
            switch part {
            case .placeholder: throw refusal("Token Prepending's place")
            case .text(_, isHalved: true): throw refusal("the half of the sentence")
            case .text where hasSentence: throw refusal("the sentence's repetition, as in an echo,")
            case .text(isPooled: true, _), .piece(_, isPooled: true): throw refusal("which tokens are pooled")
            case .text: hasSentence = true
            case .literal(let words), .piece(let words, _), .end(let words):
                if hasSentence { prompt.behind += words } else { prompt.before += words }
            }
        }
        return prompt
    }
}
