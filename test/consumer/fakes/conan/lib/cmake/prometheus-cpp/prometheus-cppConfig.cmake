# SPDX-License-Identifier: BSL-1.0
# A stand-in with the target name that this library has in conan.
if(NOT TARGET prometheus-cpp::prometheus-cpp)
  add_library(prometheus-cpp::prometheus-cpp INTERFACE IMPORTED)
  set_target_properties(prometheus-cpp::prometheus-cpp PROPERTIES INTERFACE_COMPILE_DEFINITIONS STAND_IN)
endif()
