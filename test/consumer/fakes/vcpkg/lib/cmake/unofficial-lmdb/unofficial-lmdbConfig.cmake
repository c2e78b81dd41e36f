# SPDX-License-Identifier: BSL-1.0
# A stand-in with the target name that this library has in vcpkg.
if(NOT TARGET unofficial::lmdb::lmdb)
  add_library(unofficial::lmdb::lmdb INTERFACE IMPORTED)
  set_target_properties(unofficial::lmdb::lmdb PROPERTIES INTERFACE_COMPILE_DEFINITIONS STAND_IN)
endif()
