# SPDX-License-Identifier: BSL-1.0
# A part is an INTERFACE target with its own header set and its own export set, so that a consumer
# who asks for one part is never made to look for the libraries of another.

include("${CMAKE_CURRENT_LIST_DIR}/ashlar-deps.cmake")

set(ASHLAR_INCLUDE_DIR "${PROJECT_SOURCE_DIR}/include")
file(GLOB_RECURSE ASHLAR_ALL_HEADERS CONFIGURE_DEPENDS "${ASHLAR_INCLUDE_DIR}/ashlar/*.hpp")
set(ASHLAR_PARTS "")            # in order of declaration, without core
set(ASHLAR_THIRD_PARTY_HEADERS "")

# ashlar_part_target(<part> <header>...): the target itself; headers are absolute paths.
function(ashlar_part_target part)
  add_library(ashlar_${part} INTERFACE)
  add_library(ashlar::${part} ALIAS ashlar_${part})
  set_target_properties(ashlar_${part} PROPERTIES EXPORT_NAME ${part})
  target_compile_features(ashlar_${part} INTERFACE cxx_std_20)
  target_sources(ashlar_${part} INTERFACE FILE_SET HEADERS
    BASE_DIRS "${ASHLAR_INCLUDE_DIR}" FILES ${ARGN})
  if(PROJECT_IS_TOP_LEVEL AND ASHLAR_BUILD_TESTS)
    set_target_properties(ashlar_${part} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  endif()
endfunction()

# ashlar_add_part(<part> HEADERS <path below include/ashlar>...)
# The part exists whether or not its library is here: what the packager happened to have must not
# decide what the consumer can ask for. Only verification of its headers needs the library.
macro(ashlar_add_part part)
  cmake_parse_arguments(_ashlar "" "" "HEADERS" ${ARGN})
  set(_ashlar_present "")
  foreach(_ashlar_header IN LISTS _ashlar_HEADERS)
    set(_ashlar_file "${ASHLAR_INCLUDE_DIR}/ashlar/${_ashlar_header}")
    list(APPEND ASHLAR_THIRD_PARTY_HEADERS "${_ashlar_file}")
    if(EXISTS "${_ashlar_file}")
      list(APPEND _ashlar_present "${_ashlar_file}")
    endif()
  endforeach()
  list(APPEND ASHLAR_PARTS ${part})
  ashlar_part_target(${part} ${_ashlar_present})
  target_link_libraries(ashlar_${part} INTERFACE ashlar_core ashlar_dep::${part})
  ashlar_find_dependency(${part} GLOBAL)
  if(NOT ASHLAR_DEP_${part}_FOUND)
    set_target_properties(ashlar_${part} PROPERTIES VERIFY_INTERFACE_HEADER_SETS OFF)
    message(STATUS "ashlar::${part} can't be linked here: it ${ASHLAR_DEP_${part}_NEEDS}")
  endif()
endmacro()

# ashlar_add_core(): all headers that no part has claimed, and the umbrella name.
macro(ashlar_add_core)
  set(_ashlar_core ${ASHLAR_ALL_HEADERS})
  list(REMOVE_ITEM _ashlar_core ${ASHLAR_THIRD_PARTY_HEADERS})
  ashlar_part_target(core ${_ashlar_core})
  add_library(ashlar::ashlar ALIAS ashlar_core)
endmacro()
