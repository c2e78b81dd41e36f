#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compares the instructions of code::via_store<X>::f and code::via_engine<X>::f of a program.

usage: same_code.py [--limits FILE] [--planted] PROGRAM

Addresses are made relative to their function. Not compared are whom a call calls, only that and
where, and where in its frame a function keeps what.
Functions without a jump may have the same instructions in another order. Every pair must be the
same, but for those that FILE names with a reason (`differs X::f # why`).
With --planted one pair must differ, and does when the comparison works.
"""
import argparse
import re
import subprocess
import sys

HEAD = re.compile(r"^[0-9a-f]+ <(?:.* )?code::via_(store|engine)<code::(\w+)>::(\w+)\(.*>:$")
LINE = re.compile(r"^\s*([0-9a-f]+):\s+(.*?)\s*$")


def functions(program):
    """{(who, composition, verb): [instruction]} of the program."""
    listing = subprocess.run(["objdump", "-d", "-C", "--no-show-raw-insn", program],
                             capture_output=True, text=True, check=True).stdout
    found, body, start = {}, None, 0
    for line in listing.splitlines():
        if head := HEAD.match(line):
            body = found.setdefault(head.groups(), [])
            start = int(line.split()[0], 16)
        elif not line.strip():
            body = None
        elif body is not None and (code := LINE.match(line)):
            text = re.sub(r"\s+", " ", code.group(2))
            if text.startswith("call"):
                text = "call"
            elif target := re.match(r"(j\w+) ([0-9a-f]+) <", text):
                text = f"{target.group(1)} {int(target.group(2), 16) - start:x}"
            elif "(%rip)" in text:
                text = re.sub(r"-?0x[0-9a-f]+\(%rip\).*", "(%rip)", text)
            text = re.sub(r"(-?0x[0-9a-f]+)?\(%rsp", "(%rsp", text)
            text = re.sub(r"^(add|sub) \$-?0x[0-9a-f]+,%rsp", r"\1 frame,%rsp", text)
            body.append(text)
    for body in found.values():
        while body and re.match(r"(nop|cs nop|data16|xchg %ax,%ax)", body[-1]):
            body.pop()
    return found


def jumps(body):
    return any(text.startswith("j") for text in body)


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
    found = functions(wanted.program)
    names = sorted({key[1:] for key in found})
    if not names:
        sys.exit(f"same_code: {wanted.program} has no pairs")
    failures, same = [], 0
    for name in names:
        ours, twin = (found.get((who, *name)) for who in ("store", "engine"))
        title = "::".join(name)
        if ours is None or twin is None:
            failures.append(f"{title}: one of the two is missing")
        elif ours == twin or (not jumps(ours) and sorted(ours) == sorted(twin)):
            same += 1
            print(f"{title:<28} {len(ours):4} instructions, the same"
                  f"{'' if ours == twin else ' in another order'}")
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
