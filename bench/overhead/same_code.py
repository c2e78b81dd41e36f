#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compares the instructions of code::via_store<X>::f and code::via_engine<X>::f of a program.

usage: same_code.py [--limits FILE] [--planted] PROGRAM

What is compared of them stands in listing.py. Functions without a jump may have the same instructions
in another order. Every pair must be the same, but for those that FILE names with a reason
(`differs X::f # why`).
With --planted one pair must differ, and does when the comparison works.
"""
import argparse
import re
import sys

import listing

PAIR = re.compile(r"^(?:.* )?code::via_(store|engine)<code::(\w+)>::(\w+)\(.*$")


def pairs(program):
    """{(who, composition, verb): [instruction]} of the program."""
    named = ((PAIR.match(name), body) for _, name, body in listing.functions(program))
    return {pair.groups(): body for pair, body in named if pair}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limits")
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("program")
    wanted = parser.parse_args()
    known = {}
    if wanted.limits:
        with open(wanted.limits, encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("differs "):
                    name, _, why = line[len("differs "):].partition("#")
                    known[name.strip()] = why.strip()
    found = pairs(wanted.program)
    names = sorted({key[1:] for key in found})
    if not names:
        sys.exit(f"same_code: {wanted.program} has no pairs")
    failures, same = [], 0
    for name in names:
        ours, twin = (found.get((who, *name)) for who in ("store", "engine"))
        title = "::".join(name)
        if ours is None or twin is None:
            failures.append(f"{title}: one of the two is missing")
        elif relation := listing.relation(ours, twin):
            same += 1
            print(f"{title:<28} {len(ours):4} instructions, {relation}")
            if title in known:
                failures.append(f"{title}: is the same now; take it out of the limits")
        else:
            print(f"{title:<28} {len(ours):4} instructions against {len(twin)}"
                  f"{': ' + known[title] if title in known else ''}")
            if title not in known:
                failures.append(f"{title}: differs")
    print(f"{same} of {len(names)} pairs are compiled to the same instructions")
    if wanted.planted:
        sys.exit(0 if failures else "same_code: the planted difference was not noticed")
    if failures:
        sys.exit("same_code: FAILED\n  " + "\n  ".join(failures))


if __name__ == "__main__":
    main()
