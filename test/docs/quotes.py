#!/usr/bin/python3
# SPDX-License-Identifier: BSL-1.0
"""Compares code blocks of the documentation with the files they quote.

A block that follows `<!-- quotes PATH -->` must stand, line for line, in that file. Every relative
link of a page must lead somewhere, as must every page that code names, and the index of decisions
must lead to every decision.
Usage: quotes.py PROJECT_ROOT
"""
import pathlib
import re
import sys


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines()


def stands_in(block, lines):
    return any(lines[i:i + len(block)] == block for i in range(len(lines) - len(block) + 1))


def check_page(root, page):
    lines = lines_of(page)
    in_code = False
    for number, line in enumerate(lines, 1):
        in_code ^= line.startswith("```")
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", "" if in_code else line):
            if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
                yield f"{number}: the link {target} leads nowhere"
        quoted = re.fullmatch(r"<!-- quotes (\S+) -->", line.strip())
        if not quoted:
            continue
        source = root / quoted[1]
        if number >= len(lines) or not lines[number].startswith("```"):
            yield f"{number}: a code block must follow"
            continue
        end = next((i for i in range(number + 1, len(lines)) if lines[i].startswith("```")), None)
        if not source.is_file():
            yield f"{number}: there is no file {quoted[1]}"
        elif end is None or not stands_in(lines[number + 1:end], lines_of(source)):
            yield f"{number}: the block below does not stand in {quoted[1]}; copy it again"


def check_index(root):
    index = root / "docs/decisions/README.md"
    listed = set(re.findall(r"\((\d{4}-[^)#]+\.md)\)", index.read_text(encoding="utf-8")))
    for page in sorted(index.parent.glob("[0-9]*.md")):
        if page.name not in listed:
            yield f"docs/decisions/README.md: {page.name} is missing; give it a row in its theme's table"


def check_code(root):
    for folder in ("include", "tools", "examples", "bench", "test"):
        for source in sorted((root / folder).rglob("*.?pp")):
            for page in re.findall(r"docs/[\w/-]+\.md", source.read_text(encoding="utf-8")):
                if not (root / page).exists():
                    yield f"{source.relative_to(root)}: there is no page {page}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    pages = sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])
    faults = [f"{page.relative_to(root)}:{fault}" for page in pages for fault in check_page(root, page)]
    faults += [*check_index(root), *check_code(root)]
    quotes = sum(line.startswith("<!-- quotes ") for page in pages for line in lines_of(page))
    print("\n".join(faults) or f"{len(pages)} pages, {quotes} quotations: all as they should be")
    if quotes == 0:
        sys.exit("no quotation was found: the check itself is broken")
    sys.exit(1 if faults else 0)


main()
