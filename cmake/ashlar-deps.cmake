# SPDX-License-Identifier: BSL-1.0
# One library has different CMake names in Debian, vcpkg and Conan, or none. This file maps each to
# ashlar_dep::<part>. It serves ashlar's own build and is installed for the package config, hence
# written for CMake 3.15.
#
# ashlar_find_dependency(<part> [GLOBAL]) sets in the caller's scope
#   ASHLAR_DEP_<part>_FOUND  whether ashlar_dep::<part> can be linked
#   ASHLAR_DEP_<part>_NEEDS  the sentence to print where it can't: "needs SQLite3 (Debian: ...)"
# GLOBAL makes the targets visible outside the calling directory (FetchContent, add_subdirectory).
# Every search is switched off by CMAKE_DISABLE_FIND_PACKAGE_<package>, as for any find_package.

set(ASHLAR_DEP_hana_NEEDS "needs Boost.Hana (Debian: libboost1.81-dev, vcpkg: boost-hana)")
set(ASHLAR_DEP_cereal_NEEDS "needs cereal (Debian: libcereal-dev, vcpkg: cereal)")
set(ASHLAR_DEP_xxhash_NEEDS "needs xxHash (Debian: libxxhash-dev, vcpkg: xxhash)")
set(ASHLAR_DEP_lmdb_NEEDS "needs LMDB (Debian: liblmdb-dev, vcpkg: lmdb)")
set(ASHLAR_DEP_rocksdb_NEEDS "needs RocksDB (Debian: librocksdb-dev, vcpkg: rocksdb)")
set(ASHLAR_DEP_sqlite_NEEDS "needs SQLite3 (Debian: libsqlite3-dev, vcpkg: sqlite3)")
set(ASHLAR_DEP_prometheus_NEEDS
  "needs prometheus-cpp (Debian: prometheus-cpp-dev, vcpkg: prometheus-cpp)")

# Packages to try and, after them, the targets by which they may be known; first hit wins.
set(ASHLAR_DEP_hana_PACKAGES boost_hana Boost)
set(ASHLAR_DEP_hana_TARGETS Boost::hana Boost::headers)
set(ASHLAR_DEP_cereal_PACKAGES cereal)
set(ASHLAR_DEP_cereal_TARGETS cereal::cereal cereal)
set(ASHLAR_DEP_xxhash_PACKAGES xxHash)
set(ASHLAR_DEP_xxhash_TARGETS xxHash::xxhash)
set(ASHLAR_DEP_lmdb_PACKAGES unofficial-lmdb lmdb)
set(ASHLAR_DEP_lmdb_TARGETS unofficial::lmdb::lmdb lmdb::lmdb lmdb)
set(ASHLAR_DEP_rocksdb_PACKAGES RocksDB)
set(ASHLAR_DEP_rocksdb_TARGETS RocksDB::rocksdb-shared RocksDB::rocksdb)
set(ASHLAR_DEP_sqlite_PACKAGES unofficial-sqlite3 SQLite3)
set(ASHLAR_DEP_sqlite_TARGETS SQLite::SQLite3 SQLite3::SQLite3 unofficial::sqlite3::sqlite3)
set(ASHLAR_DEP_prometheus_PACKAGES prometheus-cpp)
set(ASHLAR_DEP_prometheus_TARGETS prometheus-cpp::core prometheus-cpp::prometheus-cpp)

# Where no package config exists (Debian's LMDB and xxHash), or where it asks for more than is used
# (prometheus-cpp's wants an HTTP server): one header and, unless header-only, one library. The
# package name only serves as the name of the off switch.
set(ASHLAR_DEP_xxhash_HEADER xxhash.h)
set(ASHLAR_DEP_lmdb_HEADER lmdb.h)
set(ASHLAR_DEP_lmdb_LIBRARY lmdb)
set(ASHLAR_DEP_prometheus_HEADER prometheus/collectable.h)
set(ASHLAR_DEP_prometheus_LIBRARY prometheus-cpp-core)

function(_ashlar_link_dependency part target global)
  add_library(ashlar_dep::${part} INTERFACE IMPORTED ${global})
  set_target_properties(ashlar_dep::${part} PROPERTIES INTERFACE_LINK_LIBRARIES "${target}")
  set(ASHLAR_DEP_${part}_FOUND TRUE PARENT_SCOPE)
endfunction()

function(_ashlar_find_files part global)
  if(NOT ASHLAR_DEP_${part}_HEADER)
    return()
  endif()
  foreach(package IN LISTS ASHLAR_DEP_${part}_PACKAGES)
    if(CMAKE_DISABLE_FIND_PACKAGE_${package})
      return()
    endif()
  endforeach()
  find_path(ASHLAR_${part}_INCLUDE_DIR ${ASHLAR_DEP_${part}_HEADER})
  mark_as_advanced(ASHLAR_${part}_INCLUDE_DIR)
  if(NOT ASHLAR_${part}_INCLUDE_DIR)
    return()
  endif()
  if(ASHLAR_DEP_${part}_LIBRARY)
    find_library(ASHLAR_${part}_LIBRARY ${ASHLAR_DEP_${part}_LIBRARY})
    mark_as_advanced(ASHLAR_${part}_LIBRARY)
    if(NOT ASHLAR_${part}_LIBRARY)
      return()
    endif()
  endif()
  add_library(ashlar_dep::${part} INTERFACE IMPORTED ${global})
  set_target_properties(ashlar_dep::${part} PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${ASHLAR_${part}_INCLUDE_DIR}")
  if(ASHLAR_DEP_${part}_LIBRARY)
    set_target_properties(ashlar_dep::${part} PROPERTIES
      INTERFACE_LINK_LIBRARIES "${ASHLAR_${part}_LIBRARY}")
  endif()
  set(ASHLAR_DEP_${part}_FOUND TRUE PARENT_SCOPE)
endfunction()

# A macro, because what find_package sets belongs to the caller's directory scope.
macro(ashlar_find_dependency part)
  if("${ARGN}" STREQUAL "GLOBAL")
    set(_ashlar_global GLOBAL)
    set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON) # understood from CMake 3.24 on
  else()
    set(_ashlar_global "")
  endif()
  set(ASHLAR_DEP_${part}_FOUND FALSE)
  if(TARGET ashlar_dep::${part})
    set(ASHLAR_DEP_${part}_FOUND TRUE)
  endif()
  if(NOT ASHLAR_DEP_${part}_FOUND)
    foreach(_ashlar_package IN LISTS ASHLAR_DEP_${part}_PACKAGES)
      if(NOT ASHLAR_DEP_${part}_FOUND)
        find_package(${_ashlar_package} QUIET)
        foreach(_ashlar_target IN LISTS ASHLAR_DEP_${part}_TARGETS)
          if(NOT ASHLAR_DEP_${part}_FOUND AND TARGET ${_ashlar_target})
            _ashlar_link_dependency(${part} ${_ashlar_target} "${_ashlar_global}")
          endif()
        endforeach()
      endif()
    endforeach()
  endif()
  if(NOT ASHLAR_DEP_${part}_FOUND)
    _ashlar_find_files(${part} "${_ashlar_global}")
  endif()
  unset(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL)
endmacro()
