# SPDX-License-Identifier: BSL-1.0
"""Reads the instructions of a program's functions, such that like code reads alike.

Addresses are made relative to their function. Left out is whom a call calls, only that and where, where
in its frame a function keeps what, and what pads it.
"""
import re
import subprocess

HEAD = re.compile(r"^([0-9a-f]+) <(.*)>:$")
LINE = re.compile(r"^\s*([0-9a-f]+):\s+(.*?)\s*$")
PADDING = re.compile(r"(nop|cs nop|data16|xchg %ax,%ax)")


def functions(program):
    """[(address, name, [instruction])] of the program."""
    listing = subprocess.run(["objdump", "-d", "-C", "--no-show-raw-insn", program],
                             capture_output=True, text=True, check=True).stdout
    found, body, start = [], None, 0
    for line in listing.splitlines():
        if head := HEAD.match(line):
            start, body = int(head.group(1), 16), []
            found.append((start, head.group(2), body))
        elif not line.strip():
            body = None
        elif body is not None and (code := LINE.match(line)):
            body.append(normalised(re.sub(r"\s+", " ", code.group(2)), start))
    for _, _, body in found:
        while body and PADDING.match(body[-1]):
            body.pop()
    return found


def normalised(text, start):
    if text.startswith("call"):
        return "call"
    if target := re.match(r"(j\w+) ([0-9a-f]+) <", text):
        text = f"{target.group(1)} {int(target.group(2), 16) - start:x}"
    elif "(%rip)" in text:
        text = re.sub(r"-?0x[0-9a-f]+\(%rip\).*", "(%rip)", text)
    text = re.sub(r"(-?0x[0-9a-f]+)?\(%rsp", "(%rsp", text)
    return re.sub(r"^(add|sub) \$-?0x[0-9a-f]+,%rsp", r"\1 frame,%rsp", text)


def relation(ours, twin):
    """"the same", "the same in another order" (without jumps, where that means the same), or None."""
    if ours == twin:
        return "the same"
    if not any(text.startswith("j") for text in ours) and sorted(ours) == sorted(twin):
        return "the same in another order"
    return None


def likeness(ours, twin):
    """What a table says of the two: as relation, or else the number of instructions of each."""
    if found := relation(ours, twin):
        return found
    if [text.split()[0] for text in ours] == [text.split()[0] for text in twin]:
        return "other registers"
    return f"{len(ours)} / {len(twin)}"
