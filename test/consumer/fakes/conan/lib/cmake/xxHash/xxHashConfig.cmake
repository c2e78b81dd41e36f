# SPDX-License-Identifier: BSL-1.0
# A stand-in with the target name that this library has in conan.
if(NOT TARGET xxHash::xxhash)
  add_library(xxHash::xxhash INTERFACE IMPORTED)
  set_target_properties(xxHash::xxhash PROPERTIES INTERFACE_COMPILE_DEFINITIONS STAND_IN)
endif()
