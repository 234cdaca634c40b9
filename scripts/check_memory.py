"""Holds what `bellm plan` forecasts of memory against what runs record, and prints the table of docs/performance.md.

A forecast is to be within 15 % above what is recorded, and never below. Needs torch and transformers, which write a model of
MiniLM's shape with random weights (scripts/install-bench-python.sh), h5py, and the embedded backbone and STS-B. Words on the
command line choose the cases whose names have one of them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("BELLM", str(ROOT / ".build/release/bellm"))
CACHE = Path(os.environ.get("BELLM_CACHE") or Path.home() / ".cache/bellm")
REPRODUCE = str(ROOT / "experiments/reproduce-bellm.yaml")
THREADS = [1, 2, 4]
TRAINED = ["trained causal", "trained BeLLM last 6"]


def write_minilm(folder: Path) -> None:
    """A model of all-MiniLM-L6-v2's shape, whose words are those of this repository's pages."""
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
    )
    BertModel(config).save_pretrained(folder)
    words = sorted(set(re.findall("[a-z]+", " ".join(page.read_text().lower() for page in ROOT.glob("docs/*.md")))))
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + [chr(code) for code in range(97, 123)]
    vocabulary += [f"##{chr(code)}" for code in range(97, 123)]
    vocabulary += [word for word in words if word not in vocabulary]
    vocabulary += [f"unused{number}" for number in range(30522 - len(vocabulary))]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    (folder / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": 512}'
    )


def write_long(folder: Path) -> None:
    """Pairs of texts of about 3,000 tokens each."""
    words = " ".join(page.read_text() for page in sorted(ROOT.glob("docs/*.md"))).replace('"', "").split()
    step = 1500
    texts = [" ".join(words[start : start + step]) for start in range(0, 5 * step, step)]
    rows = [f'{number},"{one}","{other}"' for number, (one, other) in enumerate(zip(texts, texts[1:]))]
    (folder / "long.csv").write_text("s,a,b\n" + "\n".join(rows) + "\n")
    (folder / "long.yaml").write_text(
        "model: smollm2-135m\npooling: mean\nvariants: { causal: {}, both: { bidirectional: all } }\n"
        "tasks: [{name: long, kind: sts, file: long.csv, columns: {first: a, second: b, score: s}}]\n"
    )


def measure(name: str, threads: int, arguments: list[str], folder: Path) -> bool:
    arguments = [*arguments, "--threads", str(threads)]
    environment = os.environ | {"BELLM_CACHE": str(folder / "cache"), "BELLM_CONFIGS": str(ROOT / "configs")}
    output = str(folder / "result.h5")
    # What was trained with other threads would be found.
    shutil.rmtree(folder / "cache/adapters", ignore_errors=True)
    plan = subprocess.run(
        [PROGRAM, "plan", *arguments], env=environment, check=True, capture_output=True, text=True
    ).stdout
    forecast = int(re.search(r"(\d+) MB of memory", plan).group(1))
    subprocess.run(
        [PROGRAM, "run", *arguments, "--no-cache", "--overwrite", "--output", output],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    with h5py.File(output) as file:
        peaks = [int(row["peak_bytes"]) for row in file["runs"][:]]
        for run in file.get("training", {}):
            peaks.append(int(file[f"training/{run}"][:]["peak_bytes"].max()))
    recorded = max(peaks) / 1e6
    print(f"| {name} | {threads} | {forecast} | {recorded:.0f} | {(forecast / recorded - 1) * 100:+.0f} % |", flush=True)
    return recorded <= forecast <= 1.15 * recorded


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cache").mkdir()
        for part in ["models", "data"]:
            (folder / "cache" / part).symlink_to(CACHE / part)
        write_minilm(folder / "minilm")
        write_long(folder)
        (folder / "minilm.yaml").write_text(f"model: {folder}/minilm\npooling: mean\ntasks: [STS-B]\n")
        zero_shot = re.findall(r"^  (\S.*):$", Path(REPRODUCE).read_text().split("\nvariants:\n")[1], re.M)
        zero_shot = [run for run in zero_shot if run not in TRAINED]
        cases = [
            ("`reproduce-bellm`, eight runs without training", [REPRODUCE, "--only", *zero_shot, "--limit", "300"]),
            ("its two trainings, 4 steps each", [REPRODUCE, "--only", *TRAINED, "--set", "train.steps=4", "--limit", "100"]),
            ("MiniLM's shape, STS-B", [str(folder / "minilm.yaml")]),
            ("texts of 3,000 tokens, causal and bidirectional", [str(folder / "long.yaml")]),
        ]
        # Norms of heads, and embeddings whose pages are large in memory; not on every machine.
        if (CACHE / "models/gemma3-270m").exists():
            (folder / "gemma.yaml").write_text(
                "model: gemma3-270m\nprompt: prompteol\npooling: last\ntasks: [STS-B]\n"
                "variants: { zero-shot: {}, trained: { train: { recipe: wordnet, steps: 2 } } }\n"
            )
            gemma = [str(folder / "gemma.yaml"), "--limit", "100"]
            cases += [
                ("Gemma 3, without training", [*gemma, "--only", "zero-shot"]),
                ("Gemma 3, a training of 2 steps", [*gemma, "--only", "trained"]),
            ]
        cases = [case for case in cases if len(sys.argv) < 2 or any(word in case[0] for word in sys.argv[1:])]
        print("| | threads | forecast, MB | recorded, MB | |\n|---|---:|---:|---:|---:|", flush=True)
        held = [measure(name, threads, arguments, folder) for name, arguments in cases for threads in THREADS]
        return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
