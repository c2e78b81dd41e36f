# SPDX-License-Identifier: BSL-1.0
# A stand-in with the target name that this library has in vcpkg.
if(NOT TARGET unofficial::sqlite3::sqlite3)
  add_library(unofficial::sqlite3::sqlite3 INTERFACE IMPORTED)
  set_target_properties(unofficial::sqlite3::sqlite3 PROPERTIES INTERFACE_COMPILE_DEFINITIONS STAND_IN)
endif()
