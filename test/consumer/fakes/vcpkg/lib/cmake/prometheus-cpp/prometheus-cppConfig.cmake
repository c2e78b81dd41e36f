# SPDX-License-Identifier: BSL-1.0
# A stand-in with the target name that this library has in vcpkg.
if(NOT TARGET prometheus-cpp::core)
  add_library(prometheus-cpp::core INTERFACE IMPORTED)
  set_target_properties(prometheus-cpp::core PROPERTIES INTERFACE_COMPILE_DEFINITIONS STAND_IN)
endif()
