#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""House rules that neither the compiler nor clang-format enforces.

usage: tidy.py TREE    prints "file:line: rule: remedy" for each violation; exits 1 if there is any.

Each rule is a function that yields (path, line number, remedy); its name is the rule's name.
self_test.py plants one violation of each rule and expects to see it.
"""
import pathlib
import re
import sys

MAX_HEADER_LINES = 400
MAX_FUNCTION_LINES = 70
MAX_POLICY_LINES = 60
MAX_COLUMNS = 100
MAX_DETAIL_HEADERS = 6

# Folders that answer one question each; their models know nothing of one another.
AXES = {"codec", "backend", "versioning", "replication", "checkpoint", "expiry", "index", "quota",
        "feed", "metrics", "concurrency", "environment", "transport", "target", "registry"}

# In these folders a policy is its own code; in the others it names an engine or a layer.
POLICIES_WITH_CODE = {"codec", "concurrency", "environment"}

# The one include direction. A header includes headers of its own level or of levels above it in
# this list; an entry that ends in a slash is a folder, a bare name is a header of include/ashlar.
LEVELS = [
    ["fwd"],
    ["detail/", "bytes", "error", "result", "guarded", "buffer", "axis", "decimal"],
    ["format/", "batch"],
    ["row", "engine", "apply"],
    ["row_chunk", "walk"],
    ["options", "layer", "forwarding", "chunked_scan"],
    sorted(axis + "/" for axis in AXES) + ["slab/"],
    ["rules", "compose", "verify"],
    ["face/"],
    ["store"],
    ["hana", "model/"],
    ["presets/", "presets", "testing/"],
    ["ashlar"],
]

# What touches the world outside the program lives behind these seams.
WORLD_FOLDERS = {"environment", "concurrency", "transport", "target", "registry", "testing"}
WORLD_TOKENS = re.compile(
    r"std::(?:j?thread\b|(?:shared_|recursive_|timed_)?mutex\b|atomic|condition_variable|chrono\b|"
    r"random_device|[io]?fstream\b|filesystem\b|FILE\b|fopen\b|this_thread\b|future\b)|"
    r"\b(?:system_clock|steady_clock|sleep_for|clock_gettime)\b|"
    r"(?<![\w>])::(?:open|read|write|f(?:data)?sync)\(")
WORLD_INCLUDES = {"thread", "mutex", "shared_mutex", "atomic", "condition_variable", "chrono",
                  "random", "fstream", "filesystem", "future", "semaphore", "latch", "barrier",
                  "cstdio", "ctime", "stop_token"}

# The core must build without heap and threads, and cost little to include.
CORE_BANNED = {"atomic", "memory", "mutex", "string", "functional", "chrono", "iostream", "optional",
               "span", "string_view", "vector", "map", "unordered_map", "algorithm", "ranges",
               "regex", "fstream", "sstream", "filesystem", "thread"}
CORE_HEADERS = re.compile(
    r"^(?:(?:bytes|error|result|buffer|axis|batch|row|engine|apply|options|layer|rules|compose|store)"
    r"|fwd|format/\w+|face/\w+|codec/(?:concept|native\w*)|backend/(?:concept|static_map)"
    r"|concurrency/(?:concept|single)|(?:\w+)/(?:un\w+ed|unlimited|ephemeral|kept|silent))\.hpp$")

# How a third-party library's includes begin, the only headers that may include it, and its part.
THIRD_PARTY = {
    "lmdb.h": ({"backend/lmdb/api.hpp"}, "lmdb"),
    "rocksdb/": ({"backend/rocksdb/database.hpp"}, "rocksdb"),
    "sqlite3.h": ({"backend/sqlite/database.hpp"}, "sqlite"),
    "cereal/": ({"codec/cereal.hpp"}, "cereal"),
    "xxhash.h": ({"codec/slot.hpp"}, "xxhash"),
    "prometheus/": ({"metrics/counted/prometheus.hpp"}, "prometheus"),
    "boost/hana": ({"hana.hpp", "detail/hana_members.hpp"}, "hana"),
}

# Pieces that belong to several models of their folder.
SHARED_PIECES = ("expiry/ttl/", "environment/fault_point.hpp", "concurrency/thread_hint.hpp")

# A library that reports through exceptions makes its adapter speak that language to it.
ADAPTERS = set().union(*(headers for headers, _ in THIRD_PARTY.values()))

# Headers without a test/unit file of their own, and the file that tests them.
TESTED_ELSEWHERE = {
    "axis.hpp": "test/static/compose.cpp",
    "compose.hpp": "test/static/compose.cpp",
    "fwd.hpp": "test/static/compose.cpp",
    "forwarding.hpp": "test/static/concepts_minimal.cpp",
    "layer.hpp": "test/static/rules.cpp",
    "options.hpp": "test/unit/face/basic_store.cpp",
    "rules.hpp": "test/static/rules.cpp",
    "slab/page.hpp": "test/unit/slab/pool.cpp",
    "store.hpp": "test/static/store.cpp",
    "verify.hpp": "test/fault/golden.cpp",
    "walk.hpp": "test/laws/sorted_map.cpp",
    "presets/result_cache.hpp": "test/unit/presets.cpp",
    "presets/sensor_log.hpp": "test/unit/presets.cpp",
    "presets/spilling_result_cache.hpp": "test/unit/backend/tiered_on_disk.cpp",
    "concurrency/resting_mutex.hpp": "test/unit/backend/static_map.cpp",
    "concurrency/thread_hint.hpp": "test/unit/concurrency/slot_pool.cpp",
    "detail/fnv1a.hpp": "test/unit/face/scan.cpp",
    "face/answers.hpp": "test/unit/face/basic_store.cpp",
    "face/compound.hpp": "test/unit/face/basic_store.cpp",
    "face/encoded.hpp": "test/unit/face/basic_store.cpp",
    "face/expiring.hpp": "test/unit/expiry/lazy_ttl.cpp",
    "face/submitting.hpp": "test/unit/checkpoint/logged.cpp",
    "face/sweeping.hpp": "test/unit/expiry/lazy_ttl.cpp",
    "feed/bounded/event.hpp": "test/unit/feed/bounded_events.cpp",
    "feed/bounded/hook.hpp": "test/unit/feed/bounded_events.cpp",
    "feed/bounded/hub.hpp": "test/unit/feed/bounded_events.cpp",
    "feed/bounded/layer.hpp": "test/unit/feed/bounded_events.cpp",
    "feed/bounded/subscription.hpp": "test/unit/feed/bounded_events.cpp",
    "environment/direct_reader.hpp": "test/unit/environment/posix.cpp",
    "environment/direct_writer.hpp": "test/unit/checkpoint/log/piece_writer.cpp",
    "environment/early_writer.hpp": "test/unit/checkpoint/log/write_behind.cpp",
    "expiry/evicting/directory.hpp": "test/unit/expiry/evicting.cpp",
    "expiry/evicting/entry.hpp": "test/unit/expiry/evicting.cpp",
    "expiry/evicting/layer.hpp": "test/unit/expiry/evicting.cpp",
    "expiry/evicting/lru.hpp": "test/unit/expiry/evicting.cpp",
    "expiry/evicting/s3_fifo.hpp": "test/unit/expiry/evicting.cpp",
    "expiry/evicting/volatile_ttl.hpp": "test/unit/expiry/evicting.cpp",
    "expiry/ttl/clock.hpp": "test/unit/expiry/lazy_ttl.cpp",
    "expiry/ttl/layer.hpp": "test/unit/expiry/lazy_ttl.cpp",
    "expiry/ttl/view.hpp": "test/unit/expiry/lazy_ttl.cpp",
    "face/parts.hpp": "test/unit/face/basic_store.cpp",
    "face/refused.hpp": "test/static/rules.cpp",
    "face/verdict.hpp": "test/static/rules.cpp",
    "format/log_decoder.hpp": "test/unit/format/log.cpp",
    "format/batch_entry.hpp": "test/unit/batch.cpp",
    "versioning/shared/by_prefix.hpp": "test/unit/versioning/shared_version.cpp",
    "versioning/shared/row.hpp": "test/unit/versioning/shared_version.cpp",
    "versioning/shared/view.hpp": "test/unit/versioning/shared_version.cpp",
    # The null models have nothing to run: that they vanish is what is tested.
    "checkpoint/ephemeral.hpp": "test/static/store.cpp",
    "expiry/kept.hpp": "test/static/store.cpp",
    "feed/silent.hpp": "test/static/store.cpp",
    "index/unindexed.hpp": "test/static/store.cpp",
    "metrics/unmetered.hpp": "test/static/store.cpp",
    "quota/unlimited.hpp": "test/static/store.cpp",
    "replication/unreplicated.hpp": "test/static/store.cpp",
    "versioning/unversioned.hpp": "test/static/store.cpp",
}

BANNED_TOKENS = {
    r"\bvirtual\b": "choose at compile time, by a concept",
    r"\bstd::function\b": "take the callable as a template parameter",
    r"\bstd::(?:any|move_only_function)\b": "keep the type",
    r"\benable_if(?:_t)?\b": "use a requires clause",
    r"\bdynamic_cast\b": "choose at compile time",
    r"\btypeid\s*\(": "compare types at compile time",
    r"\busing\s+namespace\b": "name what you need",
    r"\bthrow\b(?!\s*\()": "return an error",
    r"^\s*#\s*define\s+\w+\(": "write a function or a template",
    r"^\s*#.*__has_include": "a header's meaning must not depend on what is installed",
}


def strip_comments(text):
    """Blanks comments and the insides of string literals; keeps every line where it is."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.S)

    def blank(match):
        piece = match.group(0)
        if piece[0] in "\"'":
            return piece[0] + " " * (len(piece) - 2) + piece[0]
        return re.sub(r"[^\n]", " ", piece)

    # <...> of an include is no code, but quotes of an include are needed: both survive.
    return pattern.sub(lambda m: m.group(0) if text[text.rfind("\n", 0, m.start()) + 1:m.start()]
                       .lstrip().startswith("#include") and m.group(0)[0] == '"' else blank(m), text)


class Source:
    def __init__(self, tree, path):
        self.path = path.relative_to(tree).as_posix()
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.splitlines()
        self.code = strip_comments(self.text).splitlines()
        self.includes = []  # (line number, what stands between the brackets)
        for number, line in enumerate(self.code, 1):
            match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
            if match:
                self.includes.append((number, match.group(1)))


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        base = self.root / "include/ashlar"
        self.headers = {path.relative_to(base).as_posix(): Source(self.root, path)
                        for path in sorted(base.rglob("*.hpp"))}
        self.others = [Source(self.root, path)
                       for folder in ("test", "examples", "bench", "test_package")
                       for pattern in ("*.cpp", "*.hpp", "*.c", "*.h")
                       for path in sorted((self.root / folder).rglob(pattern))]

    def all(self):
        return list(self.headers.values()) + self.others

    def own_includes(self, name):
        """(line number, name) of the ashlar headers that a header includes."""
        for number, target in self.headers[name].includes:
            if target.startswith("ashlar/"):
                yield number, target[len("ashlar/"):]

    def closure(self, name):
        """The header and all ashlar headers that it includes, directly or not."""
        seen, todo = set(), [name]
        while todo:
            current = todo.pop()
            if current not in seen and current in self.headers:
                seen.add(current)
                todo += [target for _, target in self.own_includes(current)]
        return seen


def owner_of(name):
    """backend/hash/bucket.hpp is a private piece of the models backend/hash*.hpp: (backend, hash).
    Anything else belongs to itself: (folder, None)."""
    pieces = name.split("/")
    return (pieces[0], pieces[1] if len(pieces) == 3 else None)


def level_of(name):
    for level, entries in enumerate(LEVELS):
        for entry in entries:
            if name == entry + ".hpp" or (entry.endswith("/") and name.startswith(entry)):
                return level
    return None


def header_length(tree):
    for source in tree.headers.values():
        if len(source.lines) > MAX_HEADER_LINES:
            yield source.path, len(source.lines), f"split it by noun; {MAX_HEADER_LINES} lines at most"


def function_length(tree):
    for source in tree.headers.values():
        stack, head = [], ""
        for number, line in enumerate(source.code, 1):
            if line.lstrip().startswith("#"):
                continue
            for char in line:
                if char == "{":
                    head = re.sub(r"\[\[.*?\]\]", "", head)  # [[nodiscard("...")]]
                    is_function = ")" in head and not re.search(
                        r"\b(?:namespace|class|struct|union|enum|concept)\b[^()]*$", head)
                    stack.append((number, is_function))
                    head = ""
                elif char == "}":
                    if stack:
                        begin, is_function = stack.pop()
                        if is_function and number - begin + 1 > MAX_FUNCTION_LINES:
                            yield (source.path, begin, f"{number - begin + 1} lines; give parts of"
                                   f" it names, {MAX_FUNCTION_LINES} at most")
                    head = ""
                elif char == ";":
                    head = ""
                else:
                    head += char
            head += " "


def policy_length(tree):
    """A policy fits on a screen; the engine or layer that it names stands in a header of its own."""
    for name, source in tree.headers.items():
        folder = name.split("/")[0]
        if folder not in AXES - POLICIES_WITH_CODE:
            continue
        begin, is_policy = None, False
        for number, line in enumerate(source.code, 1):
            if re.match(r"(?:struct|class) \w+", line):
                begin, is_policy = number, False
            is_policy = is_policy or re.match(r"\s+using axis = \w+;", line) is not None
            if line.startswith("};") and is_policy and number - begin + 1 > MAX_POLICY_LINES:
                yield (source.path, begin, f"{number - begin + 1} lines; leave the policy alone here and"
                       f" put what it names into {name[:-len('.hpp')]}/, {MAX_POLICY_LINES} at most")


def banned_token(tree):
    for name, source in tree.headers.items():
        for number, line in enumerate(source.code, 1):
            for pattern, remedy in BANNED_TOKENS.items():
                match = re.search(pattern, line)
                if match and not (match.group(0) == "throw" and name in ADAPTERS):
                    yield source.path, number, f"'{match.group(0).strip()}': {remedy}"


def world_outside_seams(tree):
    for name, source in tree.headers.items():
        if name.split("/")[0] in WORLD_FOLDERS:
            continue
        for number, line in enumerate(source.code, 1):
            match = WORLD_TOKENS.search(line)
            if match:
                yield (source.path, number, f"'{match.group(0)}': take it from the Concurrency or"
                       " Environment parameter")
        for number, include in source.includes:
            if include in WORLD_INCLUDES:
                yield source.path, number, f"<{include}> belongs in {sorted(WORLD_FOLDERS)}"


def core_include(tree):
    for name in tree.headers:
        if not CORE_HEADERS.match(name):
            continue
        for current in tree.closure(name):
            for number, include in tree.headers[current].includes:
                if include in CORE_BANNED and (current == name or not CORE_HEADERS.match(current)):
                    yield (tree.headers[current].path, number,
                           f"<{include}> reaches the core header {name}; do without it")


def detail_size(tree):
    details = [name for name in tree.headers if name.startswith("detail/")]
    for name in details[MAX_DETAIL_HEADERS:]:
        yield (tree.headers[name].path, 1,
               f"detail/ holds {MAX_DETAIL_HEADERS} headers at most; make it a nested name")


def third_party_include(tree):
    for name, source in tree.headers.items():
        for number, include in source.includes:
            if include.startswith("ashlar/") or re.fullmatch(r"[a-z_0-9]+", include):
                continue
            allowed = next((headers for prefix, (headers, _) in THIRD_PARTY.items()
                            if include.startswith(prefix)), None)
            if allowed is None and name.split("/")[0] in WORLD_FOLDERS:
                continue  # the operating system's own headers
            if allowed is None:
                yield source.path, number, f"<{include}> is neither standard nor a known library"
            elif name not in allowed:
                yield source.path, number, f"<{include}> may be included by {sorted(allowed)} only"


def part_of_header(tree):
    """CMake's lists of headers per part against what the headers include, directly or not."""
    listing = tree.root / "CMakeLists.txt"
    claimed = {}  # header -> part
    if listing.is_file():
        for part, names in re.findall(r"ashlar_add_part\((\w+)\s+HEADERS\s+([^)]*)\)",
                                      listing.read_text()):
            claimed.update({name: part for name in names.split()})
    for name, source in tree.headers.items():
        needed = {part for current in tree.closure(name)
                  for _, include in tree.headers[current].includes
                  for prefix, (_, part) in THIRD_PARTY.items() if include.startswith(prefix)}
        if needed != ({claimed[name]} if name in claimed else set()):
            yield (source.path, 1, f"needs {sorted(needed) or 'no library'}, but CMakeLists.txt puts"
                   f" it into part {claimed.get(name, 'core')}")


def quoted_include(tree):
    for source in tree.headers.values():
        for number, line in enumerate(source.code, 1):
            if re.match(r'\s*#\s*include\s*"', line):
                yield source.path, number, "write #include <ashlar/...>"


def missing_include(tree):
    for name, source in tree.headers.items():
        for number, target in tree.own_includes(name):
            if target not in tree.headers:
                yield source.path, number, f"there is no header ashlar/{target}"


def sibling_include(tree):
    for name, source in tree.headers.items():
        folder = name.split("/")[0]
        if "/" not in name or folder not in AXES:
            continue
        for number, target in tree.own_includes(name):
            if not target.startswith(folder + "/") or target == folder + "/concept.hpp":
                continue
            piece = owner_of(target)[1]
            if piece and name.split("/")[1].startswith(piece):
                continue  # its own private pieces
            if target.startswith(SHARED_PIECES):
                continue
            yield (source.path, number,
                   f"a model knows only {folder}/concept.hpp of its folder, not {target}")


def include_direction(tree):
    for name, source in tree.headers.items():
        level = level_of(name)
        if level is None:
            yield source.path, 1, "has no place in the include direction; give it one in LEVELS"
            continue
        for number, target in tree.own_includes(name):
            other = level_of(target)
            if other is not None and other > level:
                yield source.path, number, f"{target} stands below {name} in the include direction"


def include_circle(tree):
    state = {}

    def visit(name, trail):
        state[name] = "open"
        for number, target in tree.own_includes(name):
            if target not in tree.headers:
                continue
            if state.get(target) == "open":
                circle = trail[trail.index(target):] + [target]
                yield tree.headers[name].path, number, "circle: " + " -> ".join(circle)
            elif target not in state:
                yield from visit(target, trail + [target])
        state[name] = "done"

    for name in tree.headers:
        if name not in state:
            yield from visit(name, [name])


def sentence_without_remedy(tree):
    """What the compiler prints for a user says subject and fault; then, behind a semicolon, what to do."""
    sentence = re.compile(r'(?:"(?:\\.|[^"\\\n])*"\s*)+|= delete; // ashlar: .*')
    for source in tree.headers.values():
        for match in sentence.finditer(source.text):
            text = match.group(0).replace("= delete; // ", '"')
            if text.startswith('"ashlar: ') and "; " not in text:
                yield (source.path, source.text.count("\n", 0, match.start()) + 1,
                       "say what to do, too: \"ashlar: subject fault; remedy\"")


def licence_line(tree):
    for source in tree.all():
        if not source.lines or source.lines[0] != "// SPDX-License-Identifier: BSL-1.0":
            yield source.path, 1, "the first line is '// SPDX-License-Identifier: BSL-1.0'"
    for source in tree.headers.values():
        if "#pragma once" not in source.lines[:12]:
            yield source.path, 1, "'#pragma once' is missing at the top"


def open_end(tree):
    words = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]) + r")\b")
    for source in tree.all():
        for number, line in enumerate(source.lines, 1):
            if words.search(line):
                yield source.path, number, "do it now or put it where plans are kept"


def whitespace(tree):
    for source in tree.all():
        for number, line in enumerate(source.lines, 1):
            if "\t" in line:
                yield source.path, number, "a tab; indent with spaces"
            # The compiler quotes the line of a deleted member, so its sentence must stand on it, and
            # a test expects a sentence on one line.
            sentence = "= delete; // ashlar:" in line or line.startswith("// EXPECT: ")
            if len(line) > MAX_COLUMNS and not sentence:
                yield source.path, number, f"{len(line)} columns, {MAX_COLUMNS} at most"


def internal_linkage(tree):
    for source in tree.headers.values():
        for number, line in enumerate(source.code, 1):
            if re.match(r"(?:template\s*<[^>]*>\s*)?static\b(?!_)", line):
                yield source.path, number, "a static entity in a header; make it inline"
            if re.match(r"\s*namespace\s*\{", line):
                yield source.path, number, "an anonymous namespace in a header; make it inline"


def hidden_test(tree):
    pattern = re.compile(r"\[\.[\w\]]|\[!(?:mayfail|shouldfail)\]|\bSUCCEED\s*\(")
    for source in tree.others:
        for number, line in enumerate(source.lines, 1):
            match = pattern.search(line)
            if match:
                yield source.path, number, f"'{match.group(0)}' hides a test or asserts nothing"


def untagged_threads(tree):
    """Only cases with the tag [threads] run under the sanitizer of threads."""
    starts = re.compile(r"\bstd::(?:j?thread|async)\b|\b(?:in_threads|run_threads|concurrency_laws)\(")
    for source in tree.others:
        if not source.path.startswith("test/"):
            continue
        begin = None
        for number, line in enumerate(source.code):
            if re.match(r"(?:TEMPLATE_(?:LIST_)?)?TEST_CASE\(", line):
                begin = number
                end = next((i for i in range(begin, len(source.code)) if "{" in source.code[i]), begin)
            elif line.startswith("}"):
                begin = None
            if begin is None or not starts.search(line):
                continue
            if not any("[threads]" in text for text in source.lines[begin:end + 1]):
                yield source.path, begin + 1, "it starts threads; give it the tag [threads]"
            begin = None


def dead_header(tree):
    used = {target for source in tree.all() for _, target in source.includes}
    for name, source in tree.headers.items():
        if f"ashlar/{name}" not in used:
            yield source.path, 1, "no header and no test includes it"


def untested_header(tree):
    for name, source in tree.headers.items():
        if name.endswith("concept.hpp") or name.startswith("testing/"):
            continue
        if owner_of(name)[1]:
            continue  # tested through its model
        test = TESTED_ELSEWHERE.get(name, "test/unit/" + name[:-len("hpp")] + "cpp")
        if not (tree.root / test).is_file():
            yield source.path, 1, f"{test} is missing"


RULES = [header_length, function_length, policy_length, banned_token, world_outside_seams,
         core_include, detail_size, third_party_include, part_of_header, quoted_include,
         missing_include, sibling_include, include_direction, include_circle,
         sentence_without_remedy, licence_line, open_end, whitespace, internal_linkage, hidden_test,
         untagged_threads, dead_header, untested_header]


def violations(root):
    tree = Tree(root)
    found = {(path, line, rule.__name__, remedy)
             for rule in RULES for path, line, remedy in rule(tree)}
    return len(tree.headers), sorted(found)


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    headers, found = violations(sys.argv[1])
    for path, line, rule, remedy in found:
        print(f"{path}:{line}: {rule}: {remedy}")
    print(f"tidy: {headers} headers, {len(RULES)} rules, {len(found)} violations")
    if headers == 0:
        print("tidy: no header found: is this the project's tree?")
        return 2
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
