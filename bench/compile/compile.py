#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Counts what ashlar costs while compiling, and prints tables.

usage: compile.py --include DIR [--gate LIMITS] [--cxx g++] [--clang clang++-19] [--quick]
                  [--markdown FILE]

  lines          of each core header with all that it includes, preprocessed by g++, not counting
                 blank lines: what the gate is about, because it is the same on every machine
  seconds        of user time above an empty file, the least of five (not with --quick)
  instantiations of classes and functions that one further store adds to a file (clang's time
                 trace): on extents already in use, and on a new value size
  milliseconds   of user time and KiB of code, at -O2, that it takes (not with --quick)
"""
import argparse
import collections
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

CORE = ["fwd", "bytes", "error", "result", "batch", "axis", "row", "engine", "store"]
WITH_MODEL = ["backend/hash_map", "backend/sorted_map", "backend/static_map", "ashlar"]

PROLOGUE = """
#include <cstdint>
#include <utility>
template <int N, int Words> struct value { std::uint64_t word[Words]; };
template <class Store, class Key, class Value> int use(const Key& key, const Value& v) {
    Store db;
    Value out{};
    const auto put = db.put(key, v);
    const auto got = db.get(key, out);
    const auto gone = db.erase(key);
    return int(put.has_value()) + int(got.has_value()) + int(gone.has_value());
}
"""
# name: (headers, policies, key)
STACKS = {
    "hash_map": (["backend/hash_map", "concurrency/shared", "environment/posix", "store"],
                 "ashlar::hash_map<>", "std::uint64_t"),
    "hash_map, stamped": (
        ["backend/hash_map", "concurrency/shared", "environment/posix", "store",
         "versioning/stamped"],
        "ashlar::hash_map<>, ashlar::stamped", "std::uint64_t"),
    "sorted_map, shared_version": (
        ["backend/sorted_map", "codec/composite", "concurrency/shared", "environment/posix",
         "store", "versioning/shared_version"],
        "ashlar::sorted_map<>, ashlar::composite, ashlar::shared_version<ashlar::by_prefix>",
        "std::pair<std::uint64_t, std::uint64_t>"),
}
TABLE_CORE = re.compile(r"\b(bucket_table|chain_pool|bucket_array|bytes_table|"
                        r"sorted\w*::(tree|path|format|cursor|table|range_reader|chunk)\b)")


class failed(Exception):
    pass


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        raise failed(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def count_lines(cxx, include, header):
    text = run([cxx, "-std=c++20", "-E", "-P", f"-I{include}", "-x", "c++",
                f"{include}/ashlar/{header}.hpp"])
    return sum(1 for line in text.splitlines() if line.strip())


def seconds(cxx, include, header, work):
    """User seconds to compile a file that includes the header alone; None for an empty file."""
    path = os.path.join(work, "include.cpp")
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"#include <ashlar/{header}.hpp>\n" if header else "\n")
    best = None
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        run([cxx, "-std=c++20", "-c", f"-I{include}", path, "-o", os.devnull])
        took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        best = took if best is None else min(best, took)
    return best


def write_stores(stack, values, work):
    """The path of a file that uses one store for each of the values."""
    headers, policies, key = STACKS[stack]
    text = "".join(f"#include <ashlar/{h}.hpp>\n" for h in headers) + PROLOGUE
    for i, value in enumerate(values):
        text += (f"using store{i} = ashlar::store<{key}, {value}, {policies}>;\n"
                 f"int use{i}({key} k, {value} v) {{ return use<store{i}>(k, v); }}\n")
    path = os.path.join(work, "stores.cpp")
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


def further_store(cxx, include, stack, work, more=8):
    """User milliseconds and KiB of code of one further store, at -O2: of so many above two, for the
    time the least of three."""
    told = []
    for count in (2, 2 + more):
        path = write_stores(stack, [f"value<{i}, 2>" for i in range(count)], work)
        made = os.path.join(work, "stores.o")
        best = None
        for _ in range(3):
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            run([cxx, "-std=c++20", "-O2", "-DNDEBUG", "-c", f"-I{include}", path, "-o", made])
            took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            best = took if best is None else min(best, took)
        told.append((best, int(run(["size", made]).splitlines()[1].split()[0])))
    (few_seconds, few_bytes), (seconds_of_all, bytes_of_all) = told
    return ((seconds_of_all - few_seconds) / more * 1000, (bytes_of_all - few_bytes) / more / 1024)


def instantiations(clang, include, stack, values, work):
    """A Counter of 'kind name' over that file."""
    path = write_stores(stack, values, work)
    trace = os.path.join(work, "stores.json")
    run([clang, "-std=c++20", "-c", f"-I{include}", path, "-o", os.path.join(work, "stores.o"),
         f"-ftime-trace={trace}", "-ftime-trace-granularity=0"])
    with open(trace, encoding="utf-8") as events:
        found = collections.Counter()
        for event in json.load(events)["traceEvents"]:
            if event["name"] in ("InstantiateClass", "InstantiateFunction"):
                found[event["name"][11:].lower() + " " + event["args"]["detail"]] += 1
    return found


def read_limits(path):
    limits = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.split("#")[0].strip()
            if line:
                number, name = line.split(None, 1)
                limits[name] = int(number)
    return limits


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--include", required=True)
    parser.add_argument("--gate")
    parser.add_argument("--cxx", default="g++")
    parser.add_argument("--clang", default="clang++-19")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--markdown")
    parser.add_argument("--list", action="store_true", help="name every instantiation counted")
    wanted = parser.parse_args()
    os.environ["CCACHE_DISABLE"] = "1"
    limits = read_limits(wanted.gate) if wanted.gate else {}
    failures, table = [], []

    def judge(name, number):
        accepted = limits.get(name)
        if wanted.gate and accepted is None:
            failures.append(f"{name}: {number}, and no limit is given")
        elif accepted is not None and number > accepted:
            failures.append(f"{name}: {number}, accepted is {accepted}")
        return "" if accepted is None else str(accepted)

    with tempfile.TemporaryDirectory(prefix="ashlar-compile-") as work:
        empty = None if wanted.quick else seconds(wanted.cxx, wanted.include, None, work)
        print(f"{'header':<22} {'lines':>7} {'accepted':>9}  {'seconds above an empty file':>8}")
        table += ["| header | lines | accepted | seconds |", "|---|---:|---:|---:|"]
        for header in CORE + WITH_MODEL:
            if not os.path.exists(f"{wanted.include}/ashlar/{header}.hpp"):
                continue
            lines = count_lines(wanted.cxx, wanted.include, header)
            took = "" if empty is None else \
                f"{seconds(wanted.cxx, wanted.include, header, work) - empty:.2f}"
            accepted = judge(f"lines {header}", lines)
            print(f"{header + '.hpp':<22} {lines:7} {accepted:>9}  {took:>8}")
            table.append(f"| {header}.hpp | {lines} | {accepted} | {took} |")

        if not wanted.quick:
            print(f"\n{'one further store':<28} {'milliseconds':>13} {'KiB of code':>12}")
            table += ["", "| one further store, at -O2 | milliseconds | KiB of code |",
                      "|---|---:|---:|"]
            for stack in STACKS:
                took, size = further_store(wanted.cxx, wanted.include, stack, work)
                print(f"{stack:<28} {took:13.0f} {size:12.1f}")
                table.append(f"| {stack} | {took:.0f} | {size:.1f} |")

        if shutil.which(wanted.clang) is None:
            print(f"SKIPPED: template instantiations, for {wanted.clang} is not there")
        else:
            print(f"\n{'one further store':<28} {'known extents':>13} {'accepted':>9} "
                  f"{'new value size':>15} {'of the table core':>18}")
            table += ["", "| one further store | known extents | accepted | new value size | of "
                      "these, of the table core |", "|---|---:|---:|---:|---:|"]
            for stack in STACKS:
                known = instantiations(wanted.clang, wanted.include, stack,
                                       ["value<0, 2>", "value<0, 5>"], work)
                same = instantiations(wanted.clang, wanted.include, stack,
                                      ["value<0, 2>", "value<0, 5>", "value<1, 2>"], work) - known
                fresh = instantiations(wanted.clang, wanted.include, stack,
                                       ["value<0, 2>", "value<0, 5>", "value<0, 7>"], work) - known
                core = [name for name in fresh.elements() if TABLE_CORE.search(name)]
                further, size = sum(same.values()), sum(fresh.values())
                accepted = judge(f"instantiations {stack}", further)
                judge(f"table core {stack}", len(core))
                print(f"{stack:<28} {further:13} {accepted:>9} {size:15} {len(core):18}")
                table.append(f"| {stack} | {further} | {accepted} | {size} | {len(core)} |")
                for name in sorted(core):
                    print(f"    {name}")
                if wanted.list:
                    for name, count in sorted(same.items()):
                        print(f"    {count} {name}")
    if wanted.markdown:
        with open(wanted.markdown, "w", encoding="utf-8") as out:
            out.write("\n".join(table) + "\n")
    if failures:
        sys.exit("compile: FAILED\n  " + "\n  ".join(failures))


if __name__ == "__main__":
    try:
        main()
    except failed as why:
        sys.exit(f"compile: {why}")
