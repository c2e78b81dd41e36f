# SPDX-License-Identifier: BSL-1.0
# A stand-in with the target name that this library has in vcpkg.
if(NOT TARGET Boost::hana)
  add_library(Boost::hana INTERFACE IMPORTED)
  set_target_properties(Boost::hana PROPERTIES INTERFACE_COMPILE_DEFINITIONS STAND_IN)
endif()
