import Tasks
import Testing

struct BatchTests {
    private func task(_ name: String, _ pairs: [SentencePair]) throws -> STSTask { try Catalogue.sts(name, pairs) }

    private let pairs = [
        SentencePair(first: "a b c", second: "a", gold: 1, subset: "MSRpar"),
        SentencePair(first: "a", second: "a b", gold: 4, subset: "MSRpar"),
        SentencePair(first: "a", second: "a", gold: 5, subset: "MSRvid"),
        SentencePair(first: "b", second: "a c", gold: 2, subset: "MSRpar"),
        SentencePair(first: "b", second: "a  c", gold: 2, subset: "MSRpar"),
    ]

    @Test("Each file of STS12 to STS16 is sorted by words and score, first and second sentences in batches apart")
    func sorted() throws {
        let batches = try task("STS12", pairs).batches(of: 3, padsWordLists: false)
        #expect(batches == [[6, 8, 2], [7, 9, 3], [0], [1], [4], [5]])
    }

    @Test("Where BeLLM's fork pads the word lists, the score alone decides")
    func padded() throws {
        let batches = try task("STS12", pairs).batches(of: 4, padsWordLists: true)
        #expect(batches == [[0, 6, 8, 2], [1, 7, 9, 3], [4], [5]])
    }

    @Test("STS-B stays in its file's order, across its years")
    func unsorted() throws {
        let batches = try task("STS-B", pairs).batches(of: 16, padsWordLists: true)
        #expect(batches == [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]])
    }

    @Test("Transfer tasks are sorted by words and class in each part")
    func transfer() throws {
        let examples = [
            LabelledExample(["a b"], label: 1), LabelledExample(["a b"], label: 0),
            LabelledExample(["a"], label: 1, part: .test), LabelledExample(["a"], label: 1),
        ]
        let task = TransferTask(examples)
        #expect(task.batches(of: 2, padsWordLists: false) == [[3, 1], [0], [2]])
        let two = TransferTask([LabelledExample(["a", "b"], label: 1)])
        #expect(two.batches(of: 2, padsWordLists: false) == [[0], [1]])
    }
}
