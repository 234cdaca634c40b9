import Embedding

/// How a paper's own script prepares the sentences, by the paper's name: docs/protocols.md says where each was read.
enum PaperProtocol: String, CaseIterable {
    /// The sentences as they are.
    case plain
    /// github.com/kongds/scaling_sentemb, evaluation.py.
    case prompteol
    /// github.com/4AI/BeLLM, eval_sts.py, with the SentEval fork that it runs on.
    case bellmReleased = "bellm-released"
    /// github.com/fuyuchenIfyw/token_prepending, evaluate.py.
    case tokenPrepending = "token-prepending"

    var normaliser: Normaliser {
        switch self {
        case .plain: .none
        case .prompteol, .tokenPrepending: .prompteolQuotes
        case .bellmReleased: .bellmReleased
        }
    }
}
