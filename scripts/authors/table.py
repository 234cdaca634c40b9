"""The rows of the comparison: each must compare numbers, agree, and where it has an effect to show, show it."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Row:
    what: str
    package: str
    numbers: int
    difference: float
    bound: float
    verdict: str


def difference(found, expected):
    """The largest, relative to the largest expected number; infinite where shapes differ, or a number is missing or none."""
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    if found.shape != expected.shape or found.size == 0 or not (np.isfinite(found).all() and np.isfinite(expected).all()):
        return float("inf")
    return float(np.abs(found - expected).max() / (np.abs(expected).max() or 1))


class Table:
    def __init__(self):
        self.rows = []

    def compare(self, what, package, found, expected, without, bound, *, differs=False):
        """Lists of arrays, one for each case; a row has the worst of its cases.

        `without` has, where a case is to show something, what comes out without it: that mustn't be as near to what is
        expected. `differs` is for what a package is known to do otherwise: each case must differ then, so that it is noticed
        where one no longer does.
        """
        without = without or [None] * len(found)
        assert len(found) == len(expected) == len(without) > 0, what
        distances = [difference(*case) for case in zip(found, expected)]
        if differs:
            is_right = all(10 * bound < distance < float("inf") for distance in distances)
            verdict = "differs, as known" if is_right else "NO LONGER DIFFERENT"
        else:
            verdict = "equal" if max(distances) <= bound else "DIFFERENT"
        effects = [difference(plain, case) for plain, case in zip(without, expected) if plain is not None]
        if any(effect <= 10 * bound for effect in effects):
            verdict = "NO EFFECT"
        count = sum(np.asarray(case).size for case in expected)
        self.rows.append(Row(what, package, count, max(distances), bound, verdict))

    def failures(self):
        return [row for row in self.rows if row.verdict not in ("equal", "differs, as known")]

    def text(self):
        heads = ["what", "package", "numbers", "largest difference", "bound", "verdict"]
        cells = [
            [row.what, row.package, f"{row.numbers:,}", f"{row.difference:.1e}", f"{row.bound:.0e}", row.verdict]
            for row in self.rows
        ]
        lines = [heads, ["---", "---", "---:", "---:", "---:", "---"], *cells]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)
