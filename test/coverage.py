#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Tells which lines the tests never reach, from gcovr's JSON.

usage: coverage.py COVERAGE.JSON [--goal PERCENT]

Prints every header below the goal with its missing lines, the number of missing lines of the others,
and the total. Exits 1 when the total is below the goal. A line of a template counts as reached when
any instance of it was.
"""
import argparse
import json
import pathlib
import sys


def ranges(numbers):
    """[3, 4, 5, 9] -> "3-5, 9"."""
    parts = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def lines_of(report):
    """{file: {line: reached}}"""
    files = {}
    for entry in report["files"]:
        lines = files.setdefault(entry["file"], {})
        for line in entry["lines"]:
            if not line.get("gcovr/noncode", False):
                number = line["line_number"]
                lines[number] = lines.get(number, False) or line["count"] > 0
    return {name: lines for name, lines in files.items() if lines}


def percent(reached, of):
    return 100.0 * reached / of


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("report", type=pathlib.Path)
    parser.add_argument("--goal", type=float, default=95.0)
    chosen = parser.parse_args()
    files = lines_of(json.loads(chosen.report.read_text(encoding="utf-8")))
    if not files:
        sys.exit(f"coverage: {chosen.report} names no line; did the tests run?")

    missing = {name: sorted(n for n, reached in lines.items() if not reached)
               for name, lines in files.items()}
    rows = sorted((percent(len(files[name]) - len(gone), len(files[name])), name, gone)
                  for name, gone in missing.items())
    print("missing lines, of headers below the goal:")
    for share, name, gone in rows:
        if share < chosen.goal:
            print(f"{share:6.1f} %  {name}: {ranges(gone)}")
    print("missing lines, of the others:")
    for share, name, gone in rows:
        if share >= chosen.goal and gone:
            print(f"{share:6.1f} %  {name}: {ranges(gone)}")

    lines = sum(map(len, files.values()))
    reached = lines - sum(map(len, missing.values()))
    whole = sum(1 for _, _, gone in rows if not gone)
    print(f"{percent(reached, lines):6.1f} %  of {lines} lines in {len(files)} headers; "
          f"{whole} headers wholly, goal {chosen.goal:g} %")
    if percent(reached, lines) < chosen.goal:
        sys.exit(1)


if __name__ == "__main__":
    main()
