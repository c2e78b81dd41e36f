#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# run.sh CMAKE COMPILER WORK_DIR SCENARIO: one way in which another project takes ashlar in.
# Prints "ok: SCENARIO ..." or "FAILED: SCENARIO ..."; works offline and writes to WORK_DIR only.
# A pass is remembered until ashlar's headers, its CMake files or these tests change.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cmake=$1 compiler=$2 work=$3 scenario=$4
prefix=$work/prefix
dir=$work/$scenario
log=$work/$scenario.log
strict="-Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Werror"
if command -v ninja >/dev/null; then export CMAKE_GENERATOR=Ninja; fi
if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi

state=$(cd "$top" && {
  "$compiler" --version
  "$cmake" --version
  find include cmake CMakeLists.txt CMakePresets.json LICENSE test/consumer -type f -print0 |
    sort -z | xargs -0 sha256sum
} | sha256sum)
stamp=$work/$scenario.passed
if [[ -z ${ASHLAR_RERUN-} && -f $stamp && $(<"$stamp") == "$state" ]]; then
  echo "ok: $scenario (unchanged since it last passed)"
  exit 0
fi

fail() {
  echo "FAILED: $scenario: $*"
  tail -n 30 "$log"
  exit 1
}
rm -rf "$dir" "$stamp"
mkdir -p "$dir"
: >"$log"

configure() { # configure SOURCE BUILD [ARGUMENT...]
  "$cmake" -S "$1" -B "$2" "-DCMAKE_CXX_COMPILER=$compiler" "${@:3}" >>"$log" 2>&1
}
build_and_run() { # build_and_run SOURCE [ARGUMENT...]: the program prints "stored and read"
  configure "$1" "$dir" "${@:2}" || fail "does not configure"
  "$cmake" --build "$dir" >>"$log" 2>&1 || fail "does not build"
  "$dir/program" >>"$log" 2>&1 || fail "the program fails"
  [[ $(tail -n 1 "$log") == "stored and read" ]] || fail "the program did not do its work"
}
refused() { # refused SENTENCE SOURCE [ARGUMENT...]: configuring fails and says so
  if configure "$2" "$dir" "${@:3}"; then fail "was accepted, but should say: $1"; fi
  [[ $(tr -s ' \n' ' ' <"$log") == *"$1"* ]] || fail "was refused, but not with: $1"
}

case $scenario in
  install) # a packager's machine: no tests, no optional library found
    rm -rf "$prefix"
    configure "$top" "$dir" "-DCMAKE_INSTALL_PREFIX=$prefix" -DASHLAR_BUILD_TESTS=OFF \
      -DASHLAR_BUILD_EXAMPLES=OFF -DASHLAR_BUILD_BENCH=OFF -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON \
      -DCMAKE_DISABLE_FIND_PACKAGE_unofficial-sqlite3=ON || fail "does not configure"
    "$cmake" --build "$dir" >>"$log" 2>&1 || fail "does not build"
    "$cmake" --install "$dir" --component ashlar_Development >>"$log" 2>&1 ||
      fail "does not install"
    missing=$(comm -3 <(cd "$top/include" && find . -name '*.hpp' | sort) \
      <(cd "$prefix/include" && find . -name '*.hpp' | sort))
    [[ -z $missing ]] || fail "source and installed headers differ: $missing" ;;
  presets) # every preset that the documentation names is there, with a workflow of the same name
    for preset in gcc-debug gcc-release clang-debug clang-asan-ubsan clang-tsan gcc-asan-ubsan \
      gcc-coverage cortex-m3 packaging; do
      (cd "$top" && "$cmake" --list-presets=configure) >>"$log" 2>&1
      grep -q "\"$preset\"" "$log" || fail "no preset $preset"
      (cd "$top" && "$cmake" --workflow --list-presets) >"$log" 2>&1 || fail "no workflows"
      grep -q "\"$preset\"" "$log" || fail "no workflow $preset"
    done ;;
  find_package)
    build_and_run "$here/find_package" "-DCMAKE_PREFIX_PATH=$prefix" "-DCMAKE_CXX_FLAGS=$strict" ;;
  component) # found here, although the packager's machine had no SQLite
    build_and_run "$here/find_package" "-DCMAKE_PREFIX_PATH=$prefix" "-DPARTS=core;sqlite;prometheus" ;;
  component_typo)
    parts="core hana cereal xxhash lmdb rocksdb sqlite prometheus"
    refused "ashlar has no component 'sqllite'; it has: $parts" \
      "$here/find_package" "-DCMAKE_PREFIX_PATH=$prefix" "-DPARTS=core;sqllite" ;;
  component_missing)
    refused "needs SQLite3 (Debian: libsqlite3-dev, vcpkg: sqlite3)" \
      "$here/find_package" "-DCMAKE_PREFIX_PATH=$prefix" "-DPARTS=core;sqlite" \
      -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON -DCMAKE_DISABLE_FIND_PACKAGE_unofficial-sqlite3=ON ;;
  next_minor_version) # 0.x: a minor version may break, so 0.2 is not served by 0.1
    refused 'compatible with requested version "0.2"' \
      "$here/find_package" "-DCMAKE_PREFIX_PATH=$prefix" -DVERSION=0.2 ;;
  fetch_content)
    build_and_run "$here/fetch_content" "-DFETCHCONTENT_SOURCE_DIR_ASHLAR=$top" \
      "-DCMAKE_CXX_FLAGS=$strict" -DPARTS=sqlite ;;
  exported_library) # a library that links us and installs an export set of its own
    configure "$here/exported_library" "$dir" "-DFETCHCONTENT_SOURCE_DIR_ASHLAR=$top" \
      -DASHLAR_INSTALL=ON "-DCMAKE_INSTALL_PREFIX=$dir/prefix" || fail "does not configure"
    "$cmake" --build "$dir" >>"$log" 2>&1 || fail "does not build"
    "$cmake" --install "$dir" >>"$log" 2>&1 || fail "does not install"
    grep -rq 'ashlar::core' "$dir/prefix/lib/cmake/shelf" || fail "its export does not name ashlar" ;;
  exported_library_without_install) # CMake's own rule; what to do is in docs/contributing.md
    refused "not in any export set" "$here/exported_library" \
      "-DFETCHCONTENT_SOURCE_DIR_ASHLAR=$top" ;;
  pkg_config)
    export PKG_CONFIG_PATH=$prefix/share/pkgconfig
    pkg-config --exact-version=0.1.0 ashlar || fail "pkg-config does not find ashlar 0.1.0"
    # shellcheck disable=SC2046 # flags are words
    "$compiler" -std=c++20 $(pkg-config --cflags ashlar) "$here/program.cpp" -o "$dir/program" \
      >>"$log" 2>&1 || fail "does not build"
    "$dir/program" >>"$log" || fail "the program fails" ;;
  copied_headers)
    cp -r "$top/include/ashlar" "$dir/"
    # shellcheck disable=SC2086 # flags are words
    "$compiler" -std=c++20 $strict -I"$dir" "$here/program.cpp" -o "$dir/program" >>"$log" 2>&1 ||
      fail "does not build"
    "$dir/program" >>"$log" || fail "the program fails" ;;
  nothing_optional) # the core builds and installs where no third-party library can be found
    off=()
    for package in boost_hana Boost cereal xxHash unofficial-lmdb lmdb RocksDB SQLite3 \
      unofficial-sqlite3 prometheus-cpp; do
      off+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON")
    done
    build_and_run "$here/fetch_content" "-DFETCHCONTENT_SOURCE_DIR_ASHLAR=$top" "${off[@]}"
    [[ $(grep -c "can't be linked here" "$log") -eq 7 ]] || fail "seven parts should be missing" ;;
  foreign_names) # the target names of vcpkg and of Conan, from stand-in packages
    for world in vcpkg conan; do
      rm -rf "$dir"
      configure "$here/find_package" "$dir" "-DCMAKE_PREFIX_PATH=$prefix;$here/fakes/$world" \
        "-DPARTS=core;hana;xxhash;lmdb;rocksdb;sqlite;prometheus" -DCMAKE_FIND_PACKAGE_PREFER_CONFIG=ON \
        -DEXPECT_FAKES=ON || fail "a target name of $world is not known"
    done ;;
  *) fail "no such scenario" ;;
esac

echo "$state" >"$stamp"
echo "ok: $scenario"
