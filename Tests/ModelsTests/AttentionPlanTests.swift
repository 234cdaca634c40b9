import Diagnostics
import Models
import Testing

@Suite struct AttentionPlanTests {
    @Test(
        "each written form is read, and written again",
        arguments: [
            ("none", AttentionPlan.none, "none"), ("native", .native, "native"), ("all", .all, "all"),
            ("last 4", .last(4), "last 4"),
            ("last 0", .last(0), "last 0"), ("from 31", .from(31), "from 31"),
            ("[28, 29]", .layers([28, 29]), "[28, 29]"),
            ("[2,8]", .layers([2, 8]), "[2, 8]"), ("[ 3 ]", .layers([3]), "[3]"), ("[]", .layers([]), "[]"),
            ("[ ]", .layers([]), "[]"), ("  last   1 ", .last(1), "last 1"),
        ])
    func reads(text: String, plan: AttentionPlan, written: String) throws {
        #expect(try AttentionPlan(parsing: text) == plan)
        #expect(plan.description == written)
        #expect(try AttentionPlan(parsing: plan.description) == plan)
    }

    @Test(
        "anything else is an error that shows what was written and what was expected",
        arguments: [
            "", "most", "last", "last -1", "last x", "last 1 2", "from", "from -3", "none all", "[2 8]", "[1,,2]",
            "[1,]",
            "[,1]", "[-1]", "[1.5]", "[1", "1]", "28, 29", "[a]", "[", "]", "[[1]]", "last 99999999999999999999",
        ])
    func unreadable(text: String) throws {
        let error = try #require(throws: Diagnostic.self) { try AttentionPlan(parsing: text) }
        #expect(
            error.message
                == "unreadable attention plan \"\(text)\"; "
                + "expected native, none, all, last N, from N or a list of layers such as [28, 29]")
    }

    @Test("a misspelling is guessed at")
    func guesses() throws {
        let error = try #require(throws: Diagnostic.self) { try AttentionPlan(parsing: "noen") }
        #expect(error.suggestion == "did you mean \"none\"?")
    }

    @Test(
        "a plan names the bidirectional layers in ascending order, each once",
        arguments: [
            (AttentionPlan.none, []), (.all, [0, 1, 2, 3]), (.last(0), []), (.last(1), [3]), (.last(4), [0, 1, 2, 3]),
            (.from(0), [0, 1, 2, 3]), (.from(3), [3]), (.layers([]), []), (.layers([3, 0]), [0, 3]),
        ])
    func resolves(plan: AttentionPlan, layers: [Int]) throws {
        #expect(try plan.bidirectionalLayers(layerCount: 4) == layers)
    }

    @Test("native is what the kind of the model has: all layers of an encoder, none of a decoder")
    func native() throws {
        #expect(AttentionPlan.native.settled(isEncoder: true) == .all)
        #expect(AttentionPlan.native.settled(isEncoder: false) == .none)
        #expect(AttentionPlan.last(1).settled(isEncoder: true) == .last(1))
        #expect(try AttentionPlan.native.bidirectionalLayers(layerCount: 4).isEmpty)
    }

    @Test(
        "a layer that the model doesn't have, or that stands twice, is an error that says which",
        arguments: [
            (AttentionPlan.last(5), "attention plan \"last 5\": the model has 4 layers, 0…3"),
            (.last(-1), "attention plan \"last -1\": the model has 4 layers, 0…3"),
            (.from(4), "attention plan \"from 4\": the model has 4 layers, 0…3"),
            (.from(-1), "attention plan \"from -1\": the model has 4 layers, 0…3"),
            (.layers([1, 4]), "attention plan \"[1, 4]\": there is no layer 4; the model has 4 layers, 0…3"),
            (.layers([-1]), "attention plan \"[-1]\": there is no layer -1; the model has 4 layers, 0…3"),
            (.layers([2, 1, 2]), "attention plan \"[2, 1, 2]\": a layer is listed twice"),
        ])
    func outOfRange(plan: AttentionPlan, message: String) {
        #expect(throws: Diagnostic(message)) { try plan.bidirectionalLayers(layerCount: 4) }
    }
}

@Suite struct HiddenLayerTests {
    @Test(
        "hidden layers count from 0 upwards and from -1 downwards",
        arguments: [(0, 0), (3, 3), (-1, 3), (-2, 2), (-4, 0)])
    func resolves(written: Int, layer: Int) throws {
        #expect(try HiddenLayer(written).resolved(layerCount: 3) == layer)
        #expect(HiddenLayer(written).description == String(written))
    }

    @Test(
        "a hidden layer that the model doesn't have is an error with both ranges", arguments: [4, -5, Int.max, Int.min])
    func outOfRange(written: Int) {
        #expect(
            throws: Diagnostic(
                "there is no hidden layer \(written): the model has 3 layers, so expected 0…3 or -1…-4")
        ) { try HiddenLayer(written).resolved(layerCount: 3) }
    }
}
