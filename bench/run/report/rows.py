# SPDX-License-Identifier: BSL-1.0
"""The lines that programs print, and what may be concluded from them."""
import csv
import random
import statistics
from collections import namedtuple

FIELDS = "kind workload what threads subject round operations value unit".split()
Row = namedtuple("Row", FIELDS)
Ratio = namedtuple("Ratio", "median low high")
NULL_TEST = (0.98, 1.02)  # where a subject's ratio to itself must lie


def parse(lines):
    """Rows of CSV lines; a line of another shape is an error."""
    rows = []
    for fields in csv.reader(lines):
        if fields == FIELDS or not fields:
            continue
        if len(fields) != len(FIELDS):
            raise ValueError(f"not a row of this bench: {','.join(fields)}")
        kind, workload, what, threads, subject, turn, operations, value, unit = fields
        rows.append(Row(kind, workload, what, int(threads), subject, int(turn), int(operations),
                        float(value), unit))
    return rows


def write(rows, path):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows([*row[:7], f"{row.value:.9g}", row.unit] for row in rows)


def interval(values, seed=1):
    """Median with its 95 % interval by the bootstrap of percentiles (Efron), 2000 samples."""
    if len(values) < 3:
        return Ratio(statistics.median(values), min(values), max(values))
    chance = random.Random(seed)
    medians = sorted(statistics.median(chance.choices(values, k=len(values)))
                     for _ in range(2000))
    return Ratio(statistics.median(values), medians[50], medians[1949])


class Part:
    """One table: seconds an operation took, by subject and round."""

    def __init__(self, key):
        self.key = key
        self.seconds = {}
        self.limits = set()

    def add(self, row):
        self.seconds.setdefault(row.subject, {})[row.round] = row.value / row.operations
        if row.kind == "limit":
            self.limits.add(row.subject)

    def ratio(self, ours, theirs):
        """How many times faster `ours` was; rounds are compared with themselves, so that what
        slowed a round down slowed both."""
        a, b = self.seconds[ours], self.seconds[theirs]
        both = sorted(set(a) & set(b))
        if both:
            return interval([b[r] / a[r] for r in both])
        middle = statistics.median(b.values()) / statistics.median(a.values())
        return Ratio(middle, min(b.values()) / max(a.values()), max(b.values()) / min(a.values()))

    def rate(self, subject):
        return 1 / statistics.median(self.seconds[subject].values())

    def null_test(self):
        """Ratios of subjects to themselves."""
        return {name[:-6]: self.ratio(name, name[:-6]) for name in self.seconds
                if name.endswith(" again") and name[:-6] in self.seconds}

    def share_of_limit(self, subject):
        """Of the one that is furthest away."""
        return min((self.ratio(subject, limit).median for limit in self.limits), default=None)


def parts_of(rows):
    """{(workload, what, threads): Part}, in the order of the rows."""
    parts = {}
    for row in rows:
        if row.kind in ("time", "limit"):
            key = (row.workload, row.what, row.threads)
            parts.setdefault(key, Part(key)).add(row)
    return parts


def values_of(rows):
    """{(workload, what, threads): {subject: (median, unit)}}."""
    found = {}
    for row in rows:
        if row.kind == "value":
            subjects = found.setdefault((row.workload, row.what, row.threads), {})
            subjects.setdefault(row.subject, ([], row.unit))[0].append(row.value)
    return {key: {name: (statistics.median(values), unit)
                  for name, (values, unit) in subjects.items()}
            for key, subjects in found.items()}
