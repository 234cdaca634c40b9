import Diagnostics
import Files

// What transformers makes of a tokenizer.json whose neighbours say something else. Where its versions 4 and 5 agree, their
// rule is followed, and said; where they don't, the file is refused.
extension TokenizerPipeline.Parts {
    /// - Parameter padding: the token that the file itself says texts are padded with
    mutating func apply(_ settings: TokenizerSettings, padding: String?) throws {
        try applyCase(settings)
        try applyPrefix(settings)
        classChanges = changes
        try checkFrame(settings)
        let before = added.count
        added = try settings.adding(
            to: added, padding: padding,
            classIsRead: settings.rebuilt?.replaces(isByteLevel: splitting?.isByteLevel ?? false) ?? false,
            of: model.vocabulary)
        let new = added[before...].filter { $0.id >= 0 }
        if !new.isEmpty {
            changes.append(
                "tokens of other files: "
                    + new.map { "\($0.content.debugDescription) (\($0.id))" }.joined(separator: ", "))
        }
    }

    /// What a class changes of a file that version 5 takes as it is.
    func ofVersion4Alone(_ settings: TokenizerSettings) -> String? {
        guard settings.rebuilt == nil, !classChanges.isEmpty else { return nil }
        return "transformers 5 takes tokenizer.json as it is here; version 4, which is followed, has: "
            + classChanges.joined(separator: "; ")
    }

    /// Lower-casing, accents, Chinese characters: BERT's classes give their own to the normalizer.
    private mutating func applyCase(_ settings: TokenizerSettings) throws {
        guard let config = settings.config, settings.tokenizerClass == .bert || settings.tokenizerClass == .lowering
        else {
            settings.config?.pass(over: "do_lower_case", "strip_accents", "tokenize_chinese_chars")
            if settings.tokenizerClass == .bert { try setBERT(BERTCase()) }
            return
        }
        let wanted = try BERTCase(config)
        if settings.tokenizerClass == .bert, case .bert = normalisation { return try setBERT(wanted) }
        let probe = try ["A", "a"].map { try normalisation?.apply(to: [AlignedScalar]($0)).text ?? $0 }
        if let node = config["do_lower_case"], wanted.lowercases != (probe[0] == probe[1]) {
            throw node.error(
                "tokenizer.json's normalizer \(probe[0] == probe[1] ? "makes" : "doesn't make") lower case")
        }
        for name in ["strip_accents", "tokenize_chinese_chars"] {
            try config.expect(name, "null", "tokenizer.json's normalizer is not BERT's") { _ in false }
        }
    }

    private mutating func setBERT(_ wanted: BERTCase) throws {
        guard case .bert(var bert) = normalisation else { return }
        guard bert.cleansText else {
            throw Diagnostic("normalizer.clean_text: expected true for a tokenizer of BERT's class, found false")
        }
        let old = bert.cased
        guard old != wanted else { return }
        bert.cased = wanted
        normalisation = .bert(bert)
        changes.append(
            "\(wanted), as BERT's class has it from tokenizer_config.json, where tokenizer.json says: \(old)")
    }

    /// A space in front of a text.
    private mutating func applyPrefix(_ settings: TokenizerSettings) throws {
        let node = settings.config?["add_prefix_space"]
        let said = try node?.flag()
        if settings.tokenizerClass == .bytes, case .byteLevel(let adds, let cuts) = splitting {
            guard adds != said ?? false else { return }
            splitting = .byteLevel(addsSpace: said ?? false, cutsWords: cuts)
            changes.append(
                "\(adds ? "no space" : "a space") in front, as the class has it from tokenizer_config.json")
        } else if let node, let said, said != addsSpaceInFront {
            throw node.error(
                "tokenizer.json \(addsSpaceInFront ? "puts a space in front of" : "puts no space in front of") a text")
        }
    }

    private var addsSpaceInFront: Bool { splitting?.addsSpaceInFront ?? false || normalisation?.addsText ?? false }

    /// What goes around a text is the post-processor's in transformers 5, the configuration's in 4.
    private func checkFrame(_ settings: TokenizerSettings) throws {
        guard let config = settings.config else { return }
        guard settings.tokenizerClass == .llama || settings.tokenizerClass == .gemma else {
            return config.pass(over: "add_bos_token", "add_eos_token")
        }
        for (name, has) in [("add_bos_token", !frame.before.isEmpty), ("add_eos_token", !frame.behind.isEmpty)] {
            guard let node = config[name], try node.flag() != has else { continue }
            throw node.error("tokenizer.json's post_processor \(has ? "adds" : "doesn't add") the token")
        }
    }
}

/// What BERT's classes of transformers take from `tokenizer_config.json`.
struct BERTCase: Equatable, CustomStringConvertible {
    var lowercases = true
    var stripsAccents = true
    var separatesChinese = true

    init() {}

    init(lowercases: Bool, stripsAccents: Bool, separatesChinese: Bool) {
        (self.lowercases, self.stripsAccents, self.separatesChinese) = (lowercases, stripsAccents, separatesChinese)
    }

    /// What isn't said is BERT's: lower case, and accents dropped where it is.
    init(_ config: JSONNode) throws {
        lowercases = try config.flag("do_lower_case", or: true)
        stripsAccents = try config.flagOrNull("strip_accents") ?? lowercases
        separatesChinese = try config.flag("tokenize_chinese_chars", or: true)
    }

    var description: String {
        [
            lowercases ? "lower case" : "case kept", stripsAccents ? "no accents" : "accents kept",
            separatesChinese ? "Chinese characters apart" : "Chinese characters together",
        ].joined(separator: ", ")
    }
}

extension BertNormalisation {
    fileprivate var cased: BERTCase {
        get {
            BERTCase(lowercases: lowercases, stripsAccents: stripsAccents, separatesChinese: separatesChinese)
        }
        set {
            (lowercases, stripsAccents, separatesChinese) =
                (newValue.lowercases, newValue.stripsAccents, newValue.separatesChinese)
        }
    }
}

extension TokenizerSettings {
    /// A tokenizer's added tokens, and behind them those that only these files have: numbered, or named for a role; and
    /// those that the class has for roles that no file names, and the one that `tokenizer.json` itself pads with.
    ///
    /// - Parameters:
    ///   - padding: the token that `tokenizer.json` pads with
    ///   - classIsRead: whether version 5 of the library makes an object of the class; version 4 always does
    /// - Throws: where two files give a token different ids or different flags, or an id that the library wouldn't give it.
    func adding(
        to file: [AddedToken], padding: String? = nil, classIsRead: Bool = true, of vocabulary: Vocabulary
    ) throws -> [AddedToken] {
        var all = file
        // By bytes: to Swift an accented letter and its decomposed form are equal, to the library two tokens.
        var known = Dictionary(file.map { (Array($0.content.utf8), $0) }) { first, _ in first }
        var next = max(Int32(vocabulary.count), (file.map(\.id).max() ?? -1) + 1)
        for entry in added {
            if let other = known[Array(entry.token.content.utf8)] {
                guard other.id == entry.token.id, other.isFound(as: entry.token) else {
                    throw entry.node.error(
                        "the token \(entry.token.content.debugDescription) has another id or other flags in tokenizer.json"
                    )
                }
                continue
            }
            let expected = vocabulary.id(of: entry.token.content) ?? next
            guard entry.token.id == expected else {
                throw entry.node.error(
                    "the token \(entry.token.content.debugDescription) is number \(entry.token.id) here, but would become \(expected)"
                )
            }
            next = max(next, expected + 1)
            known[Array(entry.token.content.utf8)] = entry.token
            all.append(entry.token)
        }
        var inRoles: [[UInt8]: AddedToken] = [:]
        for entry in named where !entry.token.content.isEmpty {
            let bytes = Array(entry.token.content.utf8)
            guard known[bytes] == nil else {
                guard inRoles[bytes]?.isCut(as: entry.token) ?? true else {
                    throw entry.node.error(
                        "the token \(entry.token.content.debugDescription) has other flags in another role")
                }
                continue
            }
            inRoles[bytes] = entry.token
            var token = entry.token
            token.id = vocabulary.id(of: token.content) ?? -1
            known[bytes] = token
            all.append(token)
        }
        for role in Self.roleOrder where roles[role] == nil {
            let own = role == "pad_token" ? padding : nil
            guard let content = classTokens.roles[role] ?? own, !content.isEmpty, known[Array(content.utf8)] == nil
            else { continue }
            let isCertain =
                classTokens.roles[role] == nil || classIsRead && (role != "mask_token" || classTokens.hasPlainMask)
            let token = AddedToken(id: (isCertain ? vocabulary.id(of: content) : nil) ?? -1, content: content)
            known[Array(content.utf8)] = token
            all.append(token)
        }
        return all
    }
}

extension SplittingStep {
    var addsSpaceInFront: Bool {
        switch self {
        case .byteLevel(let adds, _): adds
        case .metaspace(let metaspace): metaspace.prefix != .never
        case .sequence(let steps): steps.contains { $0.addsSpaceInFront }
        default: false
        }
    }
}

extension NormalisationStep {
    fileprivate var addsText: Bool {
        switch self {
        case .prepend: true
        case .sequence(let steps): steps.contains { $0.addsText }
        default: false
        }
    }
}
