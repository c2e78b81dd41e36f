# SPDX-License-Identifier: BSL-1.0
from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, rmdir
import os

required_conan_version = ">=2.0"

# Option: component, requirement, target. An option only adds a requirement and a component: which
# backend a program uses is decided by the header it includes, never by a define.
PARTS = {
    "with_hana": ("hana", "boost/[>=1.74 <2]", "boost::headers"),
    "with_cereal": ("cereal", "cereal/1.3.2", "cereal::cereal"),
    "with_xxhash": ("xxhash", "xxhash/[>=0.8.1 <0.9]", "xxhash::xxhash"),
    "with_lmdb": ("lmdb", "lmdb/0.9.32", "lmdb::lmdb"),
    "with_rocksdb": ("rocksdb", "rocksdb/[>=7.8]", "rocksdb::rocksdb"),
    "with_sqlite": ("sqlite", "sqlite3/[>=3.40 <4]", "sqlite3::sqlite3"),
    "with_prometheus": ("prometheus", "prometheus-cpp/[>=1.1 <2]", "prometheus-cpp::prometheus-cpp"),
}


class AshlarConan(ConanFile):
    name = "ashlar"
    version = "0.1.0"
    description = "Header-only C++20 storage whose policies are chosen at compile time"
    license = "BSL-1.0"
    topics = ("storage", "key-value", "database", "policy-based", "embedded", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {option: [True, False] for option in PARTS}
    default_options = {option: False for option in PARTS}
    exports_sources = "CMakeLists.txt", "cmake/*", "include/*", "LICENSE"
    no_copy_source = True

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        for option, (_, requirement, _) in PARTS.items():
            if self.options.get_safe(option):
                self.requires(requirement, transitive_headers=True, transitive_libs=True)

    def package_id(self):
        self.info.clear()

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        toolchain = CMakeToolchain(self)
        for switch in ("BUILD_TESTS", "BUILD_EXAMPLES", "BUILD_BENCH"):
            toolchain.cache_variables[f"ASHLAR_{switch}"] = False
        # The recipe names the dependencies; a search by CMake could only find the wrong ones.
        for package in ("boost_hana", "Boost", "cereal", "xxHash", "unofficial-lmdb", "lmdb",
                        "RocksDB", "SQLite3", "unofficial-sqlite3", "prometheus-cpp"):
            toolchain.cache_variables[f"CMAKE_DISABLE_FIND_PACKAGE_{package}"] = True
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()

    def package(self):
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "ashlar")
        self.cpp_info.set_property("cmake_target_name", "ashlar::ashlar")
        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "ashlar::core")
        core.bindirs = []
        core.libdirs = []
        for option, (component, _, target) in PARTS.items():
            if self.options.get_safe(option):
                part = self.cpp_info.components[component]
                part.set_property("cmake_target_name", f"ashlar::{component}")
                part.requires = ["core", target]
                part.bindirs = []
                part.libdirs = []
