#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Plants one violation of each rule of tidy.py in a small clean tree and expects that rule, at that
file and line, and no other."""
import pathlib
import sys
import tempfile

import tidy

SPDX = "// SPDX-License-Identifier: BSL-1.0\n"


def header(body="", includes=()):
    lines = "".join(f"#include <{name}>\n" for name in includes)
    return SPDX + "#pragma once\n" + lines + "namespace ashlar::inline v0_1 {\n" + body + "}\n"


def test_of(*names):
    return SPDX + "".join(f"#include <ashlar/{name}>\n" for name in names)


CLEAN = {
    "include/ashlar/fwd.hpp": header(),
    "include/ashlar/bytes.hpp": header(includes=["cstddef", "ashlar/fwd.hpp"]),
    "include/ashlar/codec/concept.hpp": header(includes=["ashlar/bytes.hpp"]),
    "include/ashlar/codec/text.hpp": header(
        "// virtual, throw: words in comments and \"strings\" are free\n"
        "inline const char* name() { return \"using namespace std::thread\"; }\n",
        includes=["ashlar/codec/concept.hpp"]),
    "include/ashlar/backend/list/node.hpp": header(includes=["ashlar/bytes.hpp"]),
    "include/ashlar/backend/list_map.hpp": header(includes=["ashlar/backend/list/node.hpp"]),
    "test/unit/fwd.cpp": test_of("fwd.hpp"),
    "test/unit/bytes.cpp": test_of("bytes.hpp"),
    "test/unit/codec/text.cpp": test_of("codec/text.hpp"),
    "test/static/concepts.cpp": test_of("codec/concept.hpp"),
    "test/unit/backend/list_map.cpp": test_of("backend/list_map.hpp"),
}

TEXT = "include/ashlar/codec/text.hpp"
BYTES = "include/ashlar/bytes.hpp"
TEST = "test/unit/codec/text.cpp"
LONG_FUNCTION = "inline int f(int x) {\n" + "    x += 1;\n" * 70 + "    return x;\n}\n"

# rule: (changed files, file and line at which the rule speaks)
PLANTED = {
    "header_length": ({TEXT: header("// a line\n" * 400)}, f"{TEXT}:404"),
    "function_length": ({TEXT: header(LONG_FUNCTION)}, f"{TEXT}:4"),
    "policy_length": (
        {"include/ashlar/backend/list_map.hpp": header(
            "struct list_map {\n    using axis = backend_axis;\n" + "    int x;\n" * 60 + "};\n",
            includes=["ashlar/backend/list/node.hpp"])},
        "include/ashlar/backend/list_map.hpp:5"),
    "banned_token": ({TEXT: header("struct a { virtual void f(); };\n")}, f"{TEXT}:4"),
    "world_outside_seams": ({TEXT: header("inline std::mutex* m;\n")}, f"{TEXT}:4"),
    "core_include": ({BYTES: header(includes=["string"])}, f"{BYTES}:3"),
    "detail_size": ({**{f"include/ashlar/detail/d{i}.hpp": header() for i in range(7)},
                     **{f"test/unit/detail/d{i}.cpp": test_of(f"detail/d{i}.hpp")
                        for i in range(7)}}, "include/ashlar/detail/d6.hpp:1"),
    "third_party_include": ({TEXT: header(includes=["curl/curl.h"])}, f"{TEXT}:3"),
    "part_of_header": ({"include/ashlar/backend/lmdb/api.hpp": header(includes=["lmdb.h"]),
                        TEST: test_of("codec/text.hpp", "backend/lmdb/api.hpp")},
                       "include/ashlar/backend/lmdb/api.hpp:1"),
    "sentence_without_remedy": (
        {TEXT: header("static_assert(1 > 0,\n    \"ashlar: one is \"\n    \"too little\");\n")},
        f"{TEXT}:5"),
    "quoted_include": ({TEXT: header("#include \"ashlar/bytes.hpp\"\n")}, f"{TEXT}:4"),
    "missing_include": ({TEXT: header(includes=["ashlar/nothing.hpp"])}, f"{TEXT}:3"),
    "sibling_include": ({"include/ashlar/codec/raw.hpp": header(includes=["ashlar/codec/text.hpp"]),
                         "test/unit/codec/raw.cpp": test_of("codec/raw.hpp")},
                        "include/ashlar/codec/raw.hpp:3"),
    "include_direction": ({"include/ashlar/fwd.hpp": header(includes=["ashlar/codec/text.hpp"]),
                           BYTES: header(includes=["cstddef"])}, "include/ashlar/fwd.hpp:3"),
    "include_circle": ({"include/ashlar/backend/list/node.hpp":
                        header(includes=["ashlar/backend/list/link.hpp"]),
                        "include/ashlar/backend/list/link.hpp":
                        header(includes=["ashlar/backend/list/node.hpp"])},
                       "include/ashlar/backend/list/node.hpp:3"),
    "licence_line": ({TEST: "#include <ashlar/codec/text.hpp>\n"}, f"{TEST}:1"),
    "open_end": ({TEXT: header("// TO" + "DO later\n")}, f"{TEXT}:4"),
    "whitespace": ({TEST: test_of("codec/text.hpp") + "\tint x;\n"}, f"{TEST}:3"),
    "internal_linkage": ({TEXT: header("static int counter;\n")}, f"{TEXT}:4"),
    "hidden_test": ({TEST: test_of("codec/text.hpp") + "TEST_CASE(\"x\", \"[.slow]\") {}\n"},
                    f"{TEST}:3"),
    "untagged_threads": ({TEST: test_of("codec/text.hpp") + "TEST_CASE(\"x\") {\n    std::thread t;\n}\n"
                          "TEST_CASE(\"y\", \"[threads]\") {\n    std::thread t;\n}\n"},
                         f"{TEST}:3"),
    "dead_header": ({TEST: SPDX}, f"{TEXT}:1"),
    "untested_header": ({"include/ashlar/codec/raw.hpp": header(), TEST:
                         test_of("codec/text.hpp", "codec/raw.hpp")},
                        "include/ashlar/codec/raw.hpp:1"),
}



def found_in(files):
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tidy.violations(root)[1]


def main():
    tidy.TESTED_ELSEWHERE.clear()  # the list is about the real tree
    faults = [f"the clean tree is not clean: {found}" for found in found_in(CLEAN)]
    for rule in tidy.RULES:
        name = rule.__name__
        if name not in PLANTED:
            faults.append(f"{name}: no violation is planted")
            continue
        changed, where = PLANTED[name]
        found = found_in({**CLEAN, **changed})
        spoken = [(f"{path}:{line}", which) for path, line, which, _ in found]
        if (where, name) not in spoken:
            faults.append(f"{name}: not seen at {where}; found {spoken}")
        if any(which != name for _, which in spoken):
            faults.append(f"{name}: others spoke too: {spoken}")
    for fault in faults:
        print(fault)
    print(f"tidy self-test: {len(tidy.RULES)} rules, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
