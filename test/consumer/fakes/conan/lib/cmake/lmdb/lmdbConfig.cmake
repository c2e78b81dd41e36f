# SPDX-License-Identifier: BSL-1.0
# A stand-in with the target name that this library has in conan.
if(NOT TARGET lmdb::lmdb)
  add_library(lmdb::lmdb INTERFACE IMPORTED)
  set_target_properties(lmdb::lmdb PROPERTIES INTERFACE_COMPILE_DEFINITIONS STAND_IN)
endif()
