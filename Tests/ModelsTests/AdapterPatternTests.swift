import Models
import Testing

@Suite("Expressions in PEFT's configurations")
struct AdapterPatternTests {
    private let tiny: AdapterSamples

    init() throws { tiny = try AdapterSamples() }

    private static let allMaps =
        "\"target_modules\": [\"q_proj\", \"k_proj\", \"v_proj\", \"o_proj\", \"gate_proj\", \"up_proj\", \"down_proj\"]"

    @Test(
        "An expression of target_modules means the modules whose whole path it matches",
        arguments: [
            (#".*_proj"#, nil), (#"model\\.layers\\.\\d+\\.(self_attn|mlp)\\.\\w+"#, nil),
            (#".*\\.[qkvo]_proj"#, "doesn't match model.layers.0.mlp.down_proj"), (#"q_proj"#, "doesn't match"),
            (#"*_proj"#, "or a regular expression"), ("", "or a regular expression"),
            (#"(([a-z0-9_.]|[a-z]+)+)+[A-Z]"#, "can't be searched"),
        ])
    func expressions(pattern: String, message: String?) throws {
        let new = "\"target_modules\": \"\(pattern)\""
        guard let message else {
            return try tiny.withFolder(replacing: Self.allMaps, with: new) { folder in
                let found = try Adapter(folder: folder).fitted(to: tiny.backbone.modules).configuration
                #expect(found == AdapterConfiguration(rank: 2, alpha: 4))
            }
        }
        let found = try tiny.refusal(Self.allMaps, new)
        #expect(found.contains(message), "\(found)")
    }

    @Test("An expression that means more modules than have factors is refused with the backbone")
    func expressionOfMore() throws {
        let old = "\"target_modules\": [\"q_proj\", \"k_proj\"]"
        let some = AdapterConfiguration(rank: 2, alpha: 4, targets: .named(["q_proj", "k_proj"]))
        try tiny.withFolder(some, replacing: old, with: "\"target_modules\": \".*[qkv]_proj\"") { folder in
            let adapter = try Adapter(folder: folder)
            let found = try tiny.message { _ = try adapter.fitted(to: tiny.backbone.modules) }
            #expect(found.contains("means model.layers.0.self_attn.v_proj"), "\(found)")
        }
        try tiny.withFolder(
            AdapterConfiguration(rank: 2, alpha: 4, layers: [0]), replacing: Self.allMaps,
            with: "\"target_modules\": \".*_proj\""
        ) { folder in
            let found = try tiny.message { _ = try Adapter(folder: folder) }
            #expect(found.contains("layers_to_transform") && found.contains("expected null"), "\(found)")
        }
    }

    @Test("Ranks and alphas of modules of their own give the products that PEFT gives")
    func patterns() throws {
        let plain = try tiny.adapter(AdapterConfiguration(rank: 2, alpha: 4)).fitted(to: tiny.backbone.modules)
        let (rank, alpha) = ("\"r\": 2", "\"lora_alpha\": ")
        // Of two expressions the first that matches counts, and one need only match a path's end.
        let ranks = #""r": 7, "rank_pattern": {"self_attn\\..*": 2, "q_proj": 9, "mlp\\.[a-z]+_proj": 2}"#
        let alphas = #", "alpha_pattern": {"layers.1.*": 8, "o_proj": 1}"#
        try tiny.withFolder(replacing: rank, with: ranks + alphas) { folder in
            let read = try Adapter(folder: folder).fitted(to: tiny.backbone.modules)
            #expect(read.configuration.rank == 2 && read.configuration.scale == 1)
            #expect(read.layout.names == plain.layout.names)
            for name in plain.layout.names where name.hasSuffix(".lora_B.weight") {
                let place = try #require(plain.layout[name])
                let scale: Float = name.contains(".layers.1.") ? 4 : name.contains("o_proj") ? 0.5 : 2
                let numbers = plain.values.array(row: 0)[place.range].map { $0 * scale }
                #expect(Array(read.values.array(row: 0)[place.range]).bits == numbers.bits, "\(name)")
            }
        }
        #expect(try tiny.refusal(rank, #""r": 2, "rank_pattern": {"q_proj": 4}"#).contains("expected the rank 4"))
        #expect(
            try tiny.refusal(rank, #""r": 2, "rank_pattern": {"(": 4}"#).contains("a regular expression as the key"))
        #expect(
            try tiny.refusal(alpha, #""alpha_pattern": {"q_proj": 0}, "lora_alpha": "#).contains("a number above 0"))
    }
}
