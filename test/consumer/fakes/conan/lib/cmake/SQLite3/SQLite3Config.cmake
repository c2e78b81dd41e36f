# SPDX-License-Identifier: BSL-1.0
# A stand-in with the target name that this library has in conan.
if(NOT TARGET SQLite::SQLite3)
  add_library(SQLite::SQLite3 INTERFACE IMPORTED)
  set_target_properties(SQLite::SQLite3 PROPERTIES INTERFACE_COMPILE_DEFINITIONS STAND_IN)
endif()
