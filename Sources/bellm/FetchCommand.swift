import ArgumentParser
import Diagnostics
import Files
import Hub
import Specification

struct FetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Download models, adapters and data.",
        discussion: """
            Models and adapters go where huggingface_hub keeps them, with its variables: HF_HOME, HF_HUB_CACHE, \
            HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE. What was interrupted goes on where it was.

            Examples:
              bellm fetch model NousResearch/Llama-2-7b-hf
              bellm fetch adapter SeanLee97/bellm-llama-7b-nli
              bellm fetch data senteval --data ~/senteval
            """,
        subcommands: [FetchModelCommand.self, FetchAdapterCommand.self, FetchDataCommand.self])
}

struct FetchModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Download what a backbone needs from the hub; print its folder.",
        discussion: """
            That is its configuration, its tokenizer and its weights: safetensors, else the only GGUF file. --file says \
            which files instead.

            Examples:
              bellm fetch model HuggingFaceTB/SmolLM2-135M
              bellm fetch model Qwen/Qwen2.5-0.5B-Instruct-GGUF --file '*q8_0.gguf'
            """)

    @OptionGroup var repository: RepositoryOptions

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Only the files of this name; * stands for anything. May be said several times.", valueName: "pattern"))
    var file: [String] = []

    func run() async throws {
        try await repository.fetch(file.isEmpty ? .model : .files(file))
    }
}

struct FetchAdapterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapter", abstract: "Download an adapter of PEFT's from the hub; print its folder.",
        discussion: "Example: bellm fetch adapter SeanLee97/bellm-llama-7b-nli")

    @OptionGroup var repository: RepositoryOptions

    func run() async throws { try await repository.fetch(.adapter) }
}

/// Which repository of the hub.
struct RepositoryOptions: ParsableArguments {
    @Argument(help: "A repository of the hub: org/name, or org/name@revision.")
    var id: String

    @Option(help: ArgumentHelp("A branch, a tag or a commit. Default: main.", valueName: "revision"))
    var revision: String?

    func fetch(_ selection: HubSelection) async throws {
        let configs = try? ConfigFolder.find(for: ".")
        let names = configs?.names(of: .model) ?? []
        if let configs, names.contains(self.id) {
            return try await fetch(selection, ofModelIn: ModelCatalogue(configs: configs))
        }
        let id = try HubID(self.id, revision: revision)
        let snapshot = try await interruptible(keepsWork: true) {
            try HubDownload(knownNames: names).fetch(id, selection)
        }
        try Console.print(path: snapshot.folder)
    }

    /// What the model of that name has on the hub, its adapters too.
    private func fetch(_ selection: HubSelection, ofModelIn catalogue: ModelCatalogue) async throws {
        let model = try catalogue.model(id)
        guard let hub = model.hub else {
            throw Diagnostic(
                "\"\(id)\" is a model of configs/models, not a repository of the hub",
                suggestion: model.fetchCommand.map {
                    "run \($0), which fetches its file, and name it as it is: --model \(id)"
                })
        }
        guard selection == .model, revision == nil else {
            throw Diagnostic(
                "\"\(id)\" is a model of configs/models, which says what is fetched",
                suggestion: "for other files or revisions name the repository: \(hub.id.repository)")
        }
        let adapters = try catalogue.adapter(of: model)?.hubReferences ?? []
        let folders = try await interruptible(keepsWork: true) {
            try ([hub] + adapters).map { try HubDownload().fetch($0.id, $0.selection).folder }
        }
        for folder in folders { try Console.print(path: folder) }
    }
}

struct FetchDataCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Download benchmarks or training data, file by file checked; print the folder.",
        discussion: """
            configs/data/NAME.yaml says where each file is, and its SHA-256. What is here already isn't fetched again.

            Example: bellm fetch data senteval --data ~/senteval
            """)

    @Argument(help: "A name from configs/data: senteval or all-nli.")
    var name: String

    @Option(help: ArgumentHelp("Where to. Default: BELLM_DATA, else data in the cache folder.", valueName: "dir"))
    var data: String?

    func run() async throws {
        let manifest = try DataManifest(named: name, in: ConfigFolder.find(for: "."))
        let folder = data ?? DataManifest.defaultFolder()
        let outcome = try await interruptible(keepsWork: true) {
            try HubDownload().fetch(manifest.files, into: folder, named: manifest.name)
        }
        // A hundred files fail for one reason where there is no network.
        let reasons = Dictionary(grouping: outcome.failed) { $0.reasons.joined(separator: "; ") }
        for (reason, failed) in reasons.sorted(by: { $0.value[0].file.path < $1.value[0].file.path }) {
            Console.warning("\(failed.map(\.file.path).shortList()): \(reason)")
        }
        for file in outcome.fetched where file.sha256 == nil {
            let digest = try FileDigest.sha256.hexadecimal(of: "\(folder)/\(file.path)")
            Console.warning("\(file.path): the manifest has no SHA-256 to check it with; it has \(digest)")
        }
        Console.message(
            "\(manifest.name): \(outcome.fetched.count) files fetched, \(outcome.kept.count) were here, "
                + "\(outcome.failed.count) could not be had")
        guard outcome.failed.isEmpty else { throw ExitCode.failure }
        try Console.print(path: folder)
    }
}
