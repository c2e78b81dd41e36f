# SPDX-License-Identifier: BSL-1.0
# Programs of this project say in their first lines which parts they use:
#   // NEEDS: lmdb sqlite threads
# Threads are named by the programs that start some; the thread sanitizer judges those alone.
# A file that works for longer than it compiles asks for the "optimizer", also in a debug build; one
# that does so only when a sanitizer slows it down, for the "sanitized_optimizer".
include_guard(GLOBAL)
find_package(Threads REQUIRED)

# ashlar_link_needs(<target> <source>...): links what the sources' NEEDS lines name.
function(ashlar_link_needs target)
  foreach(source IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
    file(STRINGS "${source}" lines LIMIT_COUNT 5 REGEX "^// NEEDS: ")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^// NEEDS: +" "" needs "${line}")
      string(REGEX MATCHALL "[a-z0-9_]+" needs "${needs}")
      foreach(need IN LISTS needs)
        if(need STREQUAL "threads")
          target_link_libraries(${target} PRIVATE Threads::Threads)
        elseif(need STREQUAL "sanitized_optimizer" AND NOT ASHLAR_SANITIZE)
          continue()
        elseif(need MATCHES "^(sanitized_)?optimizer$")
          set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Debug>:-O1>
            SKIP_PRECOMPILE_HEADERS ON)
        elseif(need IN_LIST ASHLAR_PARTS)
          if(NOT ASHLAR_DEP_${need}_FOUND)
            message(FATAL_ERROR "${source} ${ASHLAR_DEP_${need}_NEEDS}")
          endif()
          target_link_libraries(${target} PRIVATE ashlar::${need})
        else()
          message(FATAL_ERROR "${source}: no part '${need}'; there are: ${ASHLAR_PARTS} threads optimizer sanitized_optimizer")
        endif()
      endforeach()
    endforeach()
  endforeach()
endfunction()
