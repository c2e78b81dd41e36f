#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks the recipes for Conan and vcpkg, which can't be run everywhere, as far as reading goes:
they parse, they name the version and licence of CMakeLists.txt, and they know the same parts."""
import ast
import json
import pathlib
import re
import sys

top = pathlib.Path(__file__).resolve().parents[2]
faults = []


def expect(condition, sentence):
    if not condition:
        faults.append(sentence)


cmake = (top / "CMakeLists.txt").read_text()
version = re.search(r"project\(ashlar VERSION ([0-9.]+)", cmake).group(1)
parts = re.findall(r"^ashlar_add_part\((\w+)", cmake, re.M)

recipe = ast.parse((top / "conanfile.py").read_text(), "conanfile.py")
ast.parse((top / "test_package/conanfile.py").read_text(), "test_package/conanfile.py")
constants = {}
options = {}
for node in ast.walk(recipe):
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        if isinstance(node.value, ast.Constant):
            constants[node.targets[0].id] = node.value.value
        if node.targets[0].id == "PARTS":
            options = ast.literal_eval(node.value)
expect(constants.get("version") == version, f"conanfile.py: version is not {version}")
expect(constants.get("license") == "BSL-1.0", "conanfile.py: licence is not BSL-1.0")
expect([part for part, _, _ in options.values()] == parts,
       f"conanfile.py: PARTS are not {parts}")

port = top / "packaging/vcpkg/ports/ashlar"
manifest = json.loads((port / "vcpkg.json").read_text())
expect(manifest["version-semver"] == version, f"vcpkg.json: version is not {version}")
expect(manifest["license"] == "BSL-1.0", "vcpkg.json: licence is not BSL-1.0")
features = {"sqlite" if feature == "sqlite3" else feature for feature in manifest["features"]}
expect(features == set(parts), f"vcpkg.json: features are not {parts}")
usage = (port / "usage").read_text()
expect(all(part in usage for part in parts), "usage: a component is missing")

deps = (top / "cmake/ashlar-deps.cmake").read_text()
portfile = (port / "portfile.cmake").read_text()
conan = (top / "conanfile.py").read_text()
for names in re.findall(r"set\(ASHLAR_DEP_\w+_PACKAGES ([^)]+)\)", deps):
    for package in names.split():
        expect(f"CMAKE_DISABLE_FIND_PACKAGE_{package}=ON" in portfile,
               f"portfile.cmake: the search for {package} is not switched off")
        expect(f'"{package}"' in conan, f"conanfile.py: the search for {package} is not off")

presets = json.loads((top / "CMakePresets.json").read_text())
expect(presets["version"] == 6, "CMakePresets.json: not version 6")

for fault in faults:
    print(fault)
print("FAILED: recipes" if faults else "ok: recipes")
sys.exit(1 if faults else 0)
