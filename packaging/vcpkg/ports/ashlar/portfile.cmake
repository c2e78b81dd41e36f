# SPDX-License-Identifier: BSL-1.0
# Overlay port: vcpkg install ashlar[lmdb] --overlay-ports=packaging/vcpkg/ports
# It packages the tree in which it stands. Features only bring dependencies along: they add no
# define and leave no header out, so any of them can be installed together.
set(VCPKG_BUILD_TYPE release) # header-only port

get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    -DASHLAR_BUILD_TESTS=OFF
    -DASHLAR_BUILD_EXAMPLES=OFF
    -DASHLAR_BUILD_BENCH=OFF
    -DCMAKE_DISABLE_FIND_PACKAGE_boost_hana=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_cereal=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_xxHash=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_unofficial-lmdb=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_lmdb=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_RocksDB=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_unofficial-sqlite3=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_prometheus-cpp=ON
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/ashlar)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/lib" "${CURRENT_PACKAGES_DIR}/share/licenses")

vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
