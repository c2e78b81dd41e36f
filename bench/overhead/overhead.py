#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Counts instructions of ashlar stores and of hand-written twins, and prints a table.

usage: overhead.py --limits LIMITS [--gate] [--plant PROGRAM] [--markdown FILE] PROGRAM...

Each program is run under callgrind. Counted is what the client requests in harness.hpp enclose, in
the first thread alone. With --gate a ratio above its limit fails: 1.02, or what LIMITS accepts and says
why. PROGRAM of --plant has one redundant load built into one case; that must be noticed, or the
measurement itself is broken.
"""
import argparse
import glob
import os
import subprocess
import sys
import tempfile

import listing

FREE = 1.02  # what counts as no overhead


def instructions(path):
    """(name, instructions) of one callgrind dump; None when it is not one of ours."""
    name, total = None, None
    with open(path, encoding="utf-8", errors="replace") as dump:
        for line in dump:
            if line.startswith("desc: Trigger: Client Request: "):
                name = line.split(": ", 3)[3].strip()
            elif line.startswith(("summary:", "totals:")):
                total = int(line.split()[1])
                if line.startswith("totals:"):
                    break
    return None if name is None or total is None else (name, total)


def measure(program, environment):
    """A list of (operation, ours, twin, code): instructions per operation without the loop, and how the
    code of the two compares (without what it calls)."""
    with tempfile.TemporaryDirectory(prefix="ashlar-overhead-") as work:
        # The program's path and environment lie on its stack, above all that it keeps there: a longer
        # one moves keys to other alignments, at which memcmp takes another way.
        os.symlink(os.path.abspath(program), f"{work}/program")
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--separate-threads=yes",
             "--quiet", f"--callgrind-out-file={work}/out", "./program"],
            capture_output=True, text=True, cwd=work, env=environment, check=False)
        if run.returncode != 0:
            sys.exit(f"overhead: {program} failed ({run.returncode}):\n{run.stdout}{run.stderr}")
        counts = {}
        for path in glob.glob(f"{work}/out.*-01"):
            found = instructions(path)
            if found:
                counts[found[0]] = found[1]
    code = {address: body for address, _, body in listing.functions(program)}
    rows, loop = [], 0.0
    for line in run.stdout.splitlines():
        fields = line.split("|")
        if fields[0] == "loop":
            loop = counts["loop"] / int(fields[1])
            continue
        name, calls, ops = fields[0], int(fields[1]), int(fields[2])
        ours, twin = ((counts[f"{name}|{who}"] - loop * calls) / ops for who in ("ours", "twin"))
        bodies = [code[int(place, 16)] for place in fields[3:5]]
        rows.append((name, ours, twin, listing.likeness(*bodies)))
    if not rows:
        sys.exit(f"overhead: {program} printed no operation")
    return rows


def read_limits(path):
    """{operation: (accepted ratio, why)} from lines such as `1.10  hash_map iterate  # why`."""
    limits = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line, _, why = line.partition("#")
            if line.strip() and not line.startswith("differs "): # same_code.py's
                ratio, name = line.split(None, 1)
                if not why.strip():
                    sys.exit(f"{path}: nobody says why {name.strip()} may be dearer")
                limits[name.strip()] = (float(ratio), why.strip())
    return limits


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limits", required=True)
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--plant")
    parser.add_argument("--markdown")
    parser.add_argument("programs", nargs="+")
    wanted = parser.parse_args()
    # The same everywhere; what the loader and the allocator do may depend on it, too.
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin"}

    limits = read_limits(wanted.limits)
    rows = [row for program in wanted.programs for row in measure(program, environment)]
    wide = max(len(name) for name, *_ in rows)
    print(f"{'operation':<{wide}} {'ashlar Ir':>10} {'twin Ir':>10} {'ratio':>6}  {'code':<15} verdict")
    failures, table = [], []
    for name, ours, twin, code in rows:
        ratio = ours / twin
        accepted, note = limits.get(name, (FREE, ""))
        verdict = "free" if ratio <= FREE else "dearer"
        print(f"{name:<{wide}} {ours:10.2f} {twin:10.2f} {ratio:6.3f}  {code:<15} {verdict:<8}"
              f"{note if verdict == 'dearer' else ''}".rstrip())
        table.append(f"| {name} | {ours:.2f} | {twin:.2f} | {ratio:.3f} | {code} | {verdict} | "
                     f"{note if verdict == 'dearer' else ''} |")
        if ratio > accepted:
            failures.append(f"{name}: {ratio:.3f}, accepted is {accepted}")
    print(f"{sum(1 for _, o, t, _ in rows if o / t <= FREE)} of {len(rows)} operations are free "
          f"(at most {FREE} of the hand-written twin's instructions)")
    if wanted.gate:
        for name in sorted(set(limits) - {row[0] for row in rows}):
            if name.split()[0] in {row[0].split()[0] for row in rows}:
                failures.append(f"{name}: has a limit but is not measured")
    if wanted.plant:
        # Against the same operation without it: where the twin is the slower one, a single load
        # would hide behind the twin. Counts are exact, so half an instruction is far from noise.
        name, ours, *_ = measure(wanted.plant, environment)[0]
        without = next(o for n, o, *_ in rows if n == name)
        seen = ours - without >= 0.5
        print(f"planted: one redundant load in '{name}': {ours:.2f} against {without:.2f} without: "
              f"{'noticed' if seen else 'NOT NOTICED'}")
        if not seen:
            failures.append("the planted redundant load was not noticed")
    if wanted.markdown:
        with open(wanted.markdown, "w", encoding="utf-8") as out:
            out.write("| operation | ashlar, Ir | twin, Ir | ratio | code | verdict | why |\n"
                      "|---|---:|---:|---:|---|---|---|\n" + "\n".join(table) + "\n")
    if wanted.gate and failures:
        sys.exit("overhead: FAILED\n  " + "\n  ".join(failures))


if __name__ == "__main__":
    main()
