# SPDX-License-Identifier: BSL-1.0
# A stand-in with the target name that this library has in conan.
if(NOT TARGET Boost::headers)
  add_library(Boost::headers INTERFACE IMPORTED)
  set_target_properties(Boost::headers PROPERTIES INTERFACE_COMPILE_DEFINITIONS STAND_IN)
endif()
