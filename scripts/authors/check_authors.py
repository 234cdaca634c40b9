#!/usr/bin/env python3
"""Holds bellm against the authors' own packages on the same inputs. `make check-authors` runs it, in bench-python.

Prints one table of largest differences, relative to the largest number of each case; ends with 1 where a bound is broken, an
effect is missing, or a difference that is known is gone.
"""

import argparse
import pathlib
import sys
import tempfile

import evaluators
import objectives
import plans
from program import HERE, ROOT, Bench
from table import Table

PARTS = {
    "billm": plans.add_tiny_billm,
    "llm2vec": plans.add_llm2vec,
    "smollm2": plans.add_smollm2,
    "poolings": plans.add_poolings,
    "goldens": objectives.add_goldens,
    "losses": objectives.add_first_losses,
    "evaluators": evaluators.add,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / ".build" / "release" / "bellm")
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS))
    options = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(options.program, options.cache, pathlib.Path(work))
        bench.run([bench.python("decoders"), HERE / "tiny_models.py", bench.work])
        for part in options.only:
            print(f"check-authors: {part}", file=sys.stderr, flush=True)
            before = len(table.rows)
            PARTS[part](bench, table)
            if len(table.rows) == before:
                sys.exit(f"check-authors: error: {part} compared nothing")
    print(table.text())
    for row in table.failures():
        print(f"check-authors: {row.verdict}: {row.what} ({row.package}): {row.difference:.1e}", file=sys.stderr)
    sys.exit(1 if table.failures() else 0)


main()
