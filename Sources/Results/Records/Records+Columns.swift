// The tables of schema version 2, column by column. docs/results-schema.md says the same in prose.

import Embedding
import Files
import HDF5
import Tasks

extension RunRecord: TableRecord {
    package static var blank: RunRecord { RunRecord(name: "") }

    package static var columns: [TableColumn<RunRecord>] {
        [
            .text("name", \.name),
            factors.optional,
            .text("method_id", \.methodID).optional,
            .text("backbone", \.backbone),
            .text("model_file", \.modelFile),
            .text("weights_sha256", \.weightsSHA256),
            .text("tokenizer_sha256", \.tokenizerSHA256),
            .text("adapter", \.adapter),
            .text("adapter_sha256", \.adapterSHA256).optional,
            .text("head", \.head).optional,
            .integer("seed", \.seed).optional,
            .text("precision", \.precision),
            .integer("layer_count", \.layerCount).optional,
            .text("prompt", \.prompt).optional,
        ] + MethodField.columns.map(Self.column) + [
            .text("postprocess", \.postprocessing).optional,
            .integer("dimensions", \.dimensions).optional,
            .integer("sentences", \.sentences),
            .integer("unique_sentences", \.uniqueSentences),
            .integer("tokens", \.tokens),
            .integer("tokens_computed", \.tokensComputed),
            .integer("cache_hits", \.cacheHits),
            .integer("cache_misses", \.cacheMisses),
            .integer("truncated_sentences", \.truncatedSentences),
            .integer("empty_sentences", \.emptySentences),
            .real("seconds", \.seconds),
            .integer("peak_bytes", \.peakBytes),
            .texts("warnings", \.warnings),
            .text("first_prompt", \.firstPrompt),
            .integers("first_token_ids", \.firstTokenIDs),
        ]
    }

    private static var factors: TableColumn<RunRecord> {
        TableColumn(name: "factors", kind: .text) { record in
            let pairs = record.factors.map { "\(JSONText.quoted($0.name)): \(JSONText.quoted($0.value))" }
            return .text("{\(pairs.joined(separator: ", "))}")
        } assign: { record, cell in
            guard case .text(let text) = cell, !text.isEmpty else { return }
            record.factors = try JSONDocument(Array(text.utf8), file: "column factors").root.members.map {
                RunRecord.Factor($0.key, try $0.value.string())
            }
        }
    }

    private static func column(_ column: MethodColumn) -> TableColumn<RunRecord> {
        let name = column.name
        let found: TableColumn<RunRecord> =
            switch column.blank {
            case .text: .text(name, \.method[text: name])
            case .integer: .integer(name, \.method[integer: name])
            case .number: .real(name, \.method[number: name])
            case .integers: .integers(name, \.method[integers: name])
            }
        return column.isOptional ? found.optional : found
    }
}

extension MeasureRecord: TableRecord {
    package static var blank: MeasureRecord {
        MeasureRecord(run: "", Measure(task: "", slice: "", metric: "", value: .nan, count: 0))
    }

    package static var columns: [TableColumn<MeasureRecord>] {
        [
            .text("run", \.run),
            .text("task", \.measure.task),
            .text("slice", \.measure.slice),
            .text("metric", \.measure.metric),
            .real("value", \.measure.value),
            .real("low", \.low),
            .real("high", \.high),
            .integer("count", \.measure.count),
        ]
    }
}

extension TaskRecord: TableRecord {
    package static var blank: TaskRecord { TaskRecord(task: "", kind: "", metric: "") }

    package static var columns: [TableColumn<TaskRecord>] {
        [
            .text("task", \.task),
            .text("kind", \.kind),
            .text("metric", \.metric),
            .text("suite", \.suite),
            .integer("place", \.place),
            .integer("suite_tasks", \.suiteCount),
            .text("definition_sha256", \.definition).optional,
            .texts("warnings", \.warnings).optional,
        ]
    }
}

extension TrainingTable.Row: TableRecord {
    package static var blank: TrainingTable.Row { TrainingTable.Row() }

    package static var columns: [TableColumn<TrainingTable.Row>] {
        [
            .integer("stage", \.stage).optional,
            .integer("step", \.step),
            .real("loss", \.loss),
            .real("learning_rate", \.learningRate),
            .real("gradient_norm", \.gradientNorm),
            .integer("tokens", \.tokens),
            .real("seconds", \.seconds),
            .real("development_score", \.developmentScore),
            .integer("peak_bytes", \.peakBytes).optional,
        ]
    }
}

extension DatasetRecord: TableRecord {
    package static var blank: DatasetRecord { DatasetRecord(task: "") }

    package static var columns: [TableColumn<DatasetRecord>] {
        [
            .text("task", \.task),
            .text("file", \.file),
            .text("text_variant", \.textVariant),
            .text("sha256", \.sha256),
            .integer("pairs", \.pairs),
            .integer("skipped", \.skipped),
        ]
    }
}

extension CosineCheck: TableRecord {
    package static var blank: CosineCheck { CosineCheck(run: "", paper: "", first: "", second: "", published: .nan) }

    package static var columns: [TableColumn<CosineCheck>] {
        [
            .text("run", \.run),
            .text("paper", \.paper),
            .text("first", \.first),
            .text("second", \.second),
            .real("cosine", \.cosine),
            .real("published", \.published),
        ]
    }
}

extension LeftOutTask: TableRecord {
    package static var blank: LeftOutTask { LeftOutTask(task: "") }

    package static var columns: [TableColumn<LeftOutTask>] {
        [
            .text("task", \.task),
            .text("remedy", \.remedy),
        ]
    }
}
