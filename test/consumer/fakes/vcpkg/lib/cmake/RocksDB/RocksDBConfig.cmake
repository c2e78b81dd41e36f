# SPDX-License-Identifier: BSL-1.0
# A stand-in with the target name that this library has in vcpkg.
if(NOT TARGET RocksDB::rocksdb)
  add_library(RocksDB::rocksdb INTERFACE IMPORTED)
  set_target_properties(RocksDB::rocksdb PROPERTIES INTERFACE_COMPILE_DEFINITIONS STAND_IN)
endif()
