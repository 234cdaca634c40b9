#!/usr/bin/env python3
"""Whether two result files say the same, but for what differs by nature: where and when they were computed.

Usage: same_result.py ONE OTHER [COLUMN ...]
  COLUMN  further columns of /runs that may differ
"""
import sys

import h5py
import numpy

RUNS = {"seconds", "peak_bytes"}
ATTRIBUTES = {"created", "threads", "launcher", "parts", "hosts"}


def datasets(file):
    found = {}
    file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def same(one, other):
    # By bytes: NaN is no number's equal, its own least of all.
    return one.shape == other.shape and numpy.ascontiguousarray(one).tobytes() == numpy.ascontiguousarray(other).tobytes()


def main(one, other, *columns):
    problems = []
    with h5py.File(one) as one, h5py.File(other) as other:
        facts = [{k: v for k, v in f.attrs.items() if k not in ATTRIBUTES} for f in (one, other)]
        problems += [f"attribute {k}" for k in facts[0].keys() | facts[1].keys() if facts[0].get(k) != facts[1].get(k)]
        tables = [datasets(one), datasets(other)]
        for name in sorted(tables[0].keys() | tables[1].keys()):
            if name not in tables[0] or name not in tables[1]:
                problems.append(f"/{name} is in one alone")
                continue
            first, second = tables[0][name], tables[1][name]
            for column in first.dtype.names or ():
                if name == "runs" and column in RUNS | set(columns):
                    continue
                if not name.startswith("training/") or column != "seconds":
                    if column not in second.dtype.names or not same(first[column], second[column]):
                        problems.append(f"/{name} {column}")
    print("\n".join(problems) or "the same, bit for bit")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
