import Foundation

/// The naive reference: one sequence, plain loops, double precision, no trick.
extension TinyLlama {
    private typealias Row = [Double]

    /// The hidden states of one sequence, as Hugging Face numbers them: [hidden layer 0…L][token][component].
    public func hiddenStates(of tokens: [Int32], bidirectional: Set<Int> = []) -> [[[Double]]] {
        let embeddings = rows("token_embd")
        var x = tokens.map { embeddings[Int($0)] }
        var states = [x]
        for layer in 0..<layers {
            x = apply(layer: layer, to: x, isBidirectional: bidirectional.contains(layer))
            states.append(x)
        }
        let weight = rows("output_norm")[0]
        states[layers] = x.map { norm($0, weight) }
        return states
    }

    private func apply(layer: Int, to x: [Row], isBidirectional: Bool) -> [Row] {
        func weight(_ name: String) -> [Row] { rows("blk.\(layer).\(name)") }
        let normed = x.map { norm($0, weight("attn_norm")[0]) }
        let query = multiply(normed, weight("attn_q")).enumerated().map { rotate($1, position: $0) }
        let key = multiply(normed, weight("attn_k")).enumerated().map { rotate($1, position: $0) }
        let value = multiply(normed, weight("attn_v"))
        let attended = query.indices.map { position in
            let seen = isBidirectional ? 0..<x.count : 0..<position + 1
            return (0..<heads).flatMap { head in
                attend(query[position], head: head, keys: Array(key[seen]), values: Array(value[seen]))
            }
        }
        let residual = sum(x, multiply(attended, weight("attn_output")))
        let mlp = residual.map { norm($0, weight("ffn_norm")[0]) }
        let gated = zip(multiply(mlp, weight("ffn_gate")), multiply(mlp, weight("ffn_up"))).map { gate, up in
            zip(gate, up).map { $0 / (1 + exp(-$0)) * $1 }
        }
        return sum(residual, multiply(gated, weight("ffn_down")))
    }

    private func attend(_ query: Row, head: Int, keys: [Row], values: [Row]) -> Row {
        let own = head * headDimension
        let shared = head / (heads / keyValueHeads) * headDimension
        let scores = keys.map { key in
            (0..<headDimension).reduce(0) { $0 + query[own + $1] * key[shared + $1] }
                / Double(headDimension).squareRoot()
        }
        let highest = scores.max() ?? 0
        let weights = scores.map { exp($0 - highest) }
        let total = weights.reduce(0, +)
        return (0..<headDimension).map { component in
            zip(weights, values).reduce(0) { $0 + $1.0 / total * $1.1[shared + component] }
        }
    }

    private func rotate(_ x: Row, position: Int) -> Row {
        var out = x
        let half = headDimension / 2
        for head in stride(from: 0, to: x.count, by: headDimension) {
            for i in 0..<half {
                let angle = Double(position) * pow(ropeBase, -Double(2 * i) / Double(headDimension))
                out[head + i] = x[head + i] * cos(angle) - x[head + half + i] * sin(angle)
                out[head + half + i] = x[head + half + i] * cos(angle) + x[head + i] * sin(angle)
            }
        }
        return out
    }

    private func norm(_ x: Row, _ weight: Row) -> Row {
        let scale = 1 / (x.reduce(0) { $0 + $1 * $1 } / Double(x.count) + epsilon).squareRoot()
        return zip(x, weight).map { $0 * scale * $1 }
    }

    /// x Wᵀ
    private func multiply(_ x: [Row], _ weight: [Row]) -> [Row] {
        x.map { row in weight.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
    }

    private func sum(_ a: [Row], _ b: [Row]) -> [Row] { zip(a, b).map { zip($0, $1).map(+) } }

    private func rows(_ name: String) -> [Row] {
        guard let tensor = tensors[name + ".weight"] else { return [] }
        let columns = tensor.shape.last ?? 1
        return stride(from: 0, to: tensor.values.count, by: columns).map { start in
            let row = tensor.values[start..<start + columns].map(Double.init)
            return changes[name + ".weight"].map { zip(row, $0[start..<start + columns]).map(+) } ?? row
        }
    }
}
