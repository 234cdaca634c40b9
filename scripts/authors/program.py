"""Runs bellm and the authors' packages on the same inputs, in a folder of their own."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]


class Bench:
    """`work` is the folder of models, inputs and outputs; `cache` has the packages' environments and the backbone."""

    def __init__(self, program, cache, work):
        self.program, self.cache, self.work = program.resolve(), cache.resolve(), work.resolve()
        (self.work / "cache").mkdir()
        (self.work / "cache" / "models").symlink_to(self.cache / "models")

    def run(self, command, **environment):
        done = subprocess.run(
            list(map(str, command)), cwd=self.work, env=os.environ | environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"check-authors: error: {' '.join(map(str, command[:3]))}: {(done.stderr or done.stdout)[-3000:]}")
        return done.stdout

    def bellm(self, *arguments):
        """With a cache of its own beside the user's models: what is compared is computed anew."""
        models = {"BELLM_CACHE": str(self.work / "cache"), "BELLM_DATA": str(self.cache / "data" / "raw")}
        return self.run([self.program, *arguments], **models, BELLM_CONFIGS=str(ROOT / "configs"))

    def embed(self, sentences, *options):
        """A row a sentence, float32."""
        lines = self.work / "lines.jsonl"
        lines.write_text("".join(json.dumps({"text": sentence}) + "\n" for sentence in sentences))
        output = self.work / "out.npy"
        output.unlink(missing_ok=True)
        self.bellm("embed", *options, "--input", lines, "--output", output, "--no-cache")
        return np.load(output)

    def python(self, environment):
        folder = self.cache if environment == "bench-python" else self.cache / "authors"
        return folder / environment / "bin" / "python"

    def peer(self, environment, script, jobs, **variables):
        """What a script beside this one makes of jobs: arrays by the names of its answers."""
        (self.work / "jobs.json").write_text(json.dumps(jobs))
        output = self.work / "out.npz"
        output.unlink(missing_ok=True)
        # One thread: these are small products, and each sum is rounded the same every time.
        settings = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}
        self.run(
            [self.python(environment), "-W", "ignore", HERE / script, self.work / "jobs.json", output],
            **settings, **variables)  # fmt: skip
        with np.load(output) as arrays:
            return {name: arrays[name] for name in arrays.files}

    def package(self, environment, name):
        code = f"import importlib.metadata as m; print(m.version({name!r}))"
        return f"{name} {self.run([self.python(environment), '-c', code]).strip()}"
