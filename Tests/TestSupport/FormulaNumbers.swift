/// Numbers that tests and the scripts of golden values make alike, so that none have to be stored.
public enum FormulaNumbers {
    /// Numbers from -`bound` to `bound`: a hash of the name (FNV-1a) and the index (lowbias32), exact in float32.
    ///
    /// `formula` in Tests/Golden/dump_training.py.
    public static func floats(_ name: String, count: Int, within bound: Float) -> [Float] {
        let seed = name.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return (0..<count).map { index in
            var x = UInt32(truncatingIfNeeded: index) &* 0x9E37_79B9 &+ seed
            x ^= x >> 16
            x &*= 0x7FEB_352D
            x ^= x >> 15
            x &*= 0x846C_A68B
            x ^= x >> 16
            return (Float(x >> 8) / Float(1 << 23) - 1) * bound
        }
    }
}

extension TinyLlama {
    /// The model of Tests/Golden/dump_training.py.
    public static var ofFormula: TinyLlama {
        var model = TinyLlama()
        for (name, tensor) in model.tensors {
            let bounds: [String: Float] = [
                "token_embd": 1, "attn_q": 0.5, "attn_k": 0.5, "attn_v": 0.5, "attn_output": 0.3, "ffn_gate": 0.4,
                "ffn_up": 0.4, "ffn_down": 0.3,
            ]
            let kind = name.split(separator: ".").dropLast().last.map(String.init) ?? name
            let numbers = FormulaNumbers.floats(name, count: tensor.values.count, within: bounds[kind] ?? 0.5)
            model.tensors[name]?.values = bounds[kind] == nil ? numbers.map { 1 + $0 } : numbers
        }
        return model
    }
}
