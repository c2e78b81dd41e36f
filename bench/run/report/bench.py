#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs workloads and writes what came of them: run.csv, run.md and run-WORKLOAD.svg.

usage: bench.py --out DIR [--quick] [--force] [--top DIR] NAME=PROGRAM...

Rows of workloads that are not run now are kept from the run.csv that is there, with the date and
the commit of their own run. A program that fails, as it does when an answer was wrong, leaves no
row; the others go on, and the end is a failure.

A run that is to be quoted is refused (3) on a machine that is not quiet; --force runs it all the
same, and the report says so. A run into docs/bench also writes the README's table and plot.
"""
import argparse
import datetime
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import goals  # noqa: E402
import machine  # noqa: E402
import plots  # noqa: E402
import rows as results  # noqa: E402
import summary  # noqa: E402


def run(name, program, arguments, top):
    """Rows of one program, with rows of kind `run` that say when, on what and how quietly."""
    watch = machine.Watch()
    started = time.monotonic()
    began = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    with tempfile.TemporaryDirectory(prefix="ashlar-bench-", dir=os.environ.get("BENCH_DISK")) as d:
        command = [program, *arguments, "--directory", d]
        ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if ended.returncode != 0:
        print(f"bench: {name} failed with {ended.returncode}; no row of it is kept")
        return []
    found = results.parse(ended.stdout.splitlines())
    found += beside(name, "--quick" in arguments)
    print(f"bench: {name} took {time.monotonic() - started:.0f} s")
    facts = {"date": began, "command": f"./dev bench {' '.join([*arguments, name])}",
             **machine.describe(top), "noise": "; ".join(watch.complaints()) or "quiet"}
    clean = {key: text.replace(",", ";") for key, text in facts.items()}
    workloads = dict.fromkeys(row.workload for row in found if row.kind != "version")
    versions = [row._replace(workload=workload) for workload in workloads for row in found
                if row.kind == "version"]
    return ([results.Row("run", workload, key, 0, name, 0, 0, 0, text)
             for workload in workloads for key, text in clean.items()] +
            versions + [row for row in found if row.kind != "version"])


def beside(name, quick):
    """Rows of Redis, where it is compared: as many entries as the program has."""
    sizes = {"ms": ((1 << 20, 1 << 21), (1 << 16, 1 << 17)), "cel": ((100_000,), (10_000,)),
             "ckp": ((4_000_000,), (50_000,))}
    if name not in sizes:
        return []
    here = os.path.dirname(os.path.abspath(__file__))
    command = [os.path.join(here, "redis.py"), name, *map(str, sizes[name][quick])]
    return results.parse(subprocess.run(command, stdout=subprocess.PIPE, text=True,
                                        check=True).stdout.splitlines())


def table(head, lines):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head),
            *("| " + " | ".join(line) + " |" for line in lines), ""]


def part_table(part):
    """Fastest first; what is faster than ashlar stands above it."""
    reference = next((name for name in part.seconds if name.startswith("ashlar")), None)
    lines = []
    for name in sorted(part.seconds, key=part.rate, reverse=True):
        if name.endswith(" again"):
            continue
        ratio = part.ratio(reference, name) if reference and name != reference else None
        share = part.share_of_limit(name)
        nanoseconds = 1e9 / part.rate(name)
        lines.append((
            f"**{name}**" if name.startswith("ashlar") else name,
            goals.number(part.rate(name) / 1e6), goals.number(nanoseconds),
            f"{goals.number(ratio.median)} [{goals.number(ratio.low)}, {goals.number(ratio.high)}]"
            if ratio else "1",
            f"{share:.0%}" if share is not None and name not in part.limits else ""))
    return table(["", "M/s", "ns", f"{reference or 'first'} is so many times faster",
                  "share of the limit"], lines)


def value_table(found):
    return table(["", "value", "unit"],
                 [(f"**{name}**" if name.startswith("ashlar") else name, goals.number(value), unit)
                  for name, (value, unit) in sorted(found.items(), key=lambda item: item[1][0])])


def facts_of(rows):
    """{workload: {name: text}}: when, on what and how its rows were measured."""
    facts = {}
    for row in rows:
        if row.kind == "run":
            facts.setdefault(row.workload, {})[row.what] = row.unit
    return facts


def report(rows):
    """The lines of run.md."""
    parts, values, facts = results.parts_of(rows), results.values_of(rows), facts_of(rows)
    text = ["# What was measured", "",
            "Written by `./dev bench`. A ratio is the median of rounds, each compared with itself,",
            "with its 95 % interval; above 1 the first named is faster. Levels were fixed before",
            "the first run; a level is reached when the worse end of the interval reaches it.",
            "[bench/README.md](../../bench/README.md) says how it is measured.", ""]
    noisy = {w: f["noise"] for w, f in facts.items() if f.get("noise", "quiet") != "quiet"}
    if noisy:
        text += ["**The machine was not quiet:** " + "; ".join(sorted(set(noisy.values()))) +
                 ". Ratios of interleaved rounds bear that, times in seconds do not.", ""]
    if any("--quick" in told["command"] for told in facts.values()):
        text += ["**A quick run:** few entries, which fit into caches, and three rounds. It shows",
                 "that all works; its numbers are not fit to be quoted.", ""]
    text += ["## Goals", ""]
    verdicts = [goals.judge(goal, parts, values) for goal in goals.GOALS]
    text += table(["goal", "", "measured", "floor", "goal", "moon", "reached"],
                  [(v.goal.name, v.goal.says, v.measured, *map(goals.number, v.goal.levels),
                    f"**{v.level}**" if v.level == "missed" else v.level) for v in verdicts])
    nulls = [(key, name, ratio) for key, part in parts.items()
             for name, ratio in part.null_test().items()]
    if nulls:
        low, high = results.NULL_TEST
        bad = [n for n in nulls if not low <= n[2].median <= high]
        text += ["## Null test", "",
                 f"The same program against itself, in {len(nulls)} parts: ratios from "
                 f"{min(n[2].median for n in nulls):.3f} to {max(n[2].median for n in nulls):.3f}. "
                 f"Outside {low} to {high}: {len(bad)}." +
                 ("" if not bad else " Differences of that size mean nothing in these parts: " +
                  "; ".join(f"{w} {what}, {t} threads ({r.median:.3f})"
                            for (w, what, t), _, r in bad) + "."), ""]
    for workload, told in facts.items():
        versions = dict.fromkeys(f"{row.subject} {row.unit}" for row in rows
                                 if row.kind == "version" and row.workload == workload)
        text += [f"## {workload}", "", f"{told['date']}, commit {told['commit']}, "
                 f"`{told['command']}`. {told['processor']}, {told['memory']}, {told['kernel']}, "
                 f"{told['compiler']} `{told['flags']}`. Noise: {told['noise']}." +
                 (f" Beside: {', '.join(versions)}." if versions else ""), ""]
        own = [part for key, part in parts.items() if key[0] == workload]
        if own:
            text += [f"![{workload}](run-{workload.replace(' ', '-')}.svg)", ""]
        for part in own:
            _, what, threads = part.key
            text += [f"### {workload}: {what}, {threads} thread{'s' if threads > 1 else ''}", "",
                     *part_table(part)]
        for (w, what, _), found in values.items():
            if w == workload:
                text += [f"### {workload}: {what}", "", *value_table(found)]
    return text


def write(rows, folder, readme=None):
    results.write(rows, os.path.join(folder, "run.csv"))
    with open(os.path.join(folder, "run.md"), "w", encoding="utf-8") as out:
        out.write("\n".join(report(rows)).rstrip() + "\n")
    parts = results.parts_of(rows)
    for workload in dict.fromkeys(key[0] for key in parts):
        plots.draw(workload, [p for key, p in parts.items() if key[0] == workload],
                   os.path.join(folder, f"run-{workload.replace(' ', '-')}.svg"))
    if readme:
        summary.write(parts, results.values_of(rows), facts_of(rows), folder, readme)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("--top", default=".")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--force", action="store_true")
    parser.add_argument("programs", nargs="*")
    chosen = parser.parse_args()
    os.makedirs(chosen.out, exist_ok=True)
    if chosen.programs and not chosen.quick and not chosen.force:
        refused = machine.refusals(chosen.out)
        if refused:
            print("bench: the machine is not quiet, so times would mean little: " +
                  "; ".join(refused) + ". --force measures all the same, --quick shows that all "
                  "works.")
            sys.exit(3)
    readme = os.path.join(chosen.top, "README.md")
    if os.path.realpath(chosen.out) != os.path.realpath(os.path.join(chosen.top, "docs/bench")):
        readme = None
    path = os.path.join(chosen.out, "run.csv")
    rows, failed = [], False
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            rows = results.parse(file)
    for word in chosen.programs:
        name, program = word.split("=", 1)
        print(f"bench: {name} ...", flush=True)
        fresh = run(name, program, ["--quick"] if chosen.quick else [], chosen.top)
        failed = failed or not fresh
        again = {row.workload for row in fresh}
        rows = [row for row in rows if row.workload not in again] + fresh
        write(rows, chosen.out, readme)
    write(rows, chosen.out, readme)
    print(f"bench: {chosen.out}/run.md")
    sys.exit(failed)


if __name__ == "__main__":
    main()
