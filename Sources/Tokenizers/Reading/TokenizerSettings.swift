import Diagnostics
import Files
import Foundation

/// What the files beside a tokenizer's own say of it: `tokenizer_config.json`, `special_tokens_map.json`,
/// `added_tokens.json`, and two keys of the model's `config.json`. Read as transformers reads them
/// (`PreTrainedTokenizerBase._from_pretrained`).
struct TokenizerSettings {
    /// A token that is to be found in texts as it is written, and the id that a file gives it, if one does.
    struct NamedToken {
        var token: AddedToken
        var id: Int32?
        /// What names it.
        var node: JSONNode
    }

    /// nil where no file and no model type names one.
    let tokenizerClass: TokenizerClass
    /// What that class has for roles of which the files say nothing.
    let classTokens: ClassTokens
    let config: JSONNode?
    /// Of whose `tokenizer.json` transformers 5 takes the vocabulary alone; nil for the others.
    let rebuilt: RebuiltPipeline?
    /// By role, such as `unk_token`; null takes a role's token away.
    private(set) var roles: [String: NamedToken?] = [:]
    /// Those of `added_tokens_decoder` or `added_tokens.json`, by id.
    private(set) var added: [NamedToken] = []
    /// Those of `additional_special_tokens` and its kin.
    private(set) var extra: [NamedToken] = []
    /// The longest text in tokens, of `model_max_length`; nil where none is said.
    let maximumLength: Int?
    private let documents: [(JSONDocument, KeysWithoutEffect)]

    /// Where no other file is.
    init() {
        (tokenizerClass, classTokens, config, maximumLength, documents) = (.plain, ClassTokens(), nil, nil, [])
        rebuilt = nil
    }

    /// - Parameter existing: the path of a file of the folder, nil where there is none
    /// - Throws: where a file is damaged, or says what isn't known here.
    init(_ existing: (String) -> String?) throws {
        func document(_ name: String) throws -> JSONDocument? {
            try existing(name).map { try JSONDocument(path: $0, notesReading: true) }
        }
        let config = try document("tokenizer_config.json")
        let model = try document("config.json")?.root
        let name = config?.root["tokenizer_class"] ?? model?["tokenizer_class"]
        let modelType = try model?["model_type"]?.string()
        tokenizerClass = try name.map { try TokenizerClass($0) } ?? TokenizerClass(modelType: modelType)
        classTokens = try TokenizerClass.tokens(name, modelType: modelType)
        self.config = config?.root
        rebuilt = RebuiltPipeline(try name.map { try TokenizerClass.slowName($0) }, modelType: modelType)
        maximumLength = try config.flatMap { try Self.maximumLength($0.root) }
        let map = try document("special_tokens_map.json")
        let addedTokens = try document("added_tokens.json")
        documents = [
            config.map { ($0, Self.withoutEffect.of("tokenizer_config.json")) },
            map.map { ($0, ([:] as KeysWithoutEffect).of("special_tokens_map.json")) },
        ].compactMap(\.self)
        if let root = config?.root { try readRoles(of: root) }
        // What the decoder lists is newer than either of these files, which then say the same once more.
        if let decoder = config?.root["added_tokens_decoder"] {
            try read(decoder: decoder)
            map?.root.countAllAsRead()
        } else {
            if let root = map?.root { try readRoles(of: root) }
            if let root = addedTokens?.root { try read(added: root) }
        }
        if let root = config?.root { try Self.check(root) }
    }

    /// Refuses what nobody has read.
    func refuseUnread(ignoring keys: KeyPolicy) throws {
        for (document, known) in documents { try document.refuseUnread(known, ignoring: keys) }
    }

    /// Whether a file says null for a role.
    func isTakenAway(_ role: String) -> Bool {
        guard let said = roles[role] else { return false }
        if case .none = said { return true }
        return false
    }

    /// The text of a role's token.
    func text(_ role: String, or missing: String) -> String {
        guard let named = roles[role] else { return classTokens.roles[role] ?? missing }
        return named?.token.content ?? missing
    }

    /// The id of the token that texts are padded with: the one that a file names, else the class's, else that of
    /// `padding` in `tokenizer.json`.
    ///
    /// Source: transformers 5, `PreTrainedTokenizerFast.__init__`.
    ///
    /// - Parameter padding: the one that `tokenizer.json` says; nil where there is no such file, or nothing in it
    /// - Returns: nil where none is named, or it is no token.
    func paddingToken(_ padding: String? = nil, id: (String) -> Int32?) -> Int32? {
        if let named = roles["pad_token"] { return named.flatMap { id($0.token.content) } }
        return (classTokens.roles["pad_token"] ?? padding).flatMap(id)
    }

    /// All tokens that have a role, in the library's order.
    var named: [NamedToken] {
        let order = Self.roleOrder + roles.keys.filter { !Self.roleOrder.contains($0) }.sorted()
        return order.compactMap { roles[$0].flatMap(\.self) } + extra
    }

    static let roleOrder = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]

    private mutating func readRoles(of root: JSONNode) throws {
        try root.forEachMember { (key, value) throws(any Error) in
            // `add_bos_token` and its kin end so too, and are no tokens.
            guard key.hasSuffix("_token"), value.kind != .flag else { return }
            _ = root.member(key)
            roles[key] = .some(value.isNull ? nil : try Self.token(value))
        }
        for key in ["additional_special_tokens", "extra_special_tokens"] {
            guard let list = root[key] else { continue }
            list.countAllAsRead()
            if list.kind == .object {
                try list.forEachMember { (_, value) throws(any Error) in extra.append(try Self.token(value)) }
            } else {
                extra += try list.elements().map { try Self.token($0) }
            }
        }
    }

    /// A token as it is named for a role: its text, or an object with its flags.
    private static func token(_ node: JSONNode) throws -> NamedToken {
        guard node.kind == .object else {
            return NamedToken(token: AddedToken(id: -1, content: try node.string()), node: node)
        }
        node.countAllAsRead()
        return NamedToken(token: try flagged(node, isSpecial: true), node: node)
    }

    private mutating func read(decoder: JSONNode) throws {
        decoder.countAllAsRead()
        try decoder.forEachMember { (key, value) throws(any Error) in
            guard let id = Int32(key), id >= 0 else { throw value.error("expected a token's id as the key") }
            var token = try Self.flagged(value, isSpecial: false)
            token.id = id
            added.append(NamedToken(token: token, id: id, node: value))
        }
        added.sort { $0.token.id < $1.token.id }
    }

    private mutating func read(added list: JSONNode) throws {
        let special = Set(named.map(\.token.content))
        try list.forEachMember { (content, value) throws(any Error) in
            guard let id = Int32(exactly: try value.integer()), id >= 0 else { throw value.expected("a token's id") }
            let isSpecial = special.contains(content)
            let token = AddedToken(id: id, content: content, isNormalised: !isSpecial, isSpecial: isSpecial)
            added.append(NamedToken(token: token, id: id, node: value))
        }
        added.sort { $0.token.id < $1.token.id }
    }

    /// `AddedToken(**…)` of the library: what is left out is false, but for `normalized`.
    private static func flagged(_ node: JSONNode, isSpecial: Bool) throws -> AddedToken {
        let known: Set = ["__type", "id", "content", "special", "single_word", "lstrip", "rstrip", "normalized"]
        if let unknown = node.keys.first(where: { !known.contains($0) }) {
            throw node.error("unknown key \"\(unknown)\" of a token")
        }
        let isSpecial = try isSpecial || node.flag("special", or: false)
        return AddedToken(
            id: -1, content: try node.required("content").string(),
            isSingleWord: try node.flag("single_word", or: false),
            stripsLeft: try node.flag("lstrip", or: false), stripsRight: try node.flag("rstrip", or: false),
            isNormalised: try node.flag("normalized", or: !isSpecial), isSpecial: isSpecial)
    }
}
