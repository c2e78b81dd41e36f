# SPDX-License-Identifier: BSL-1.0
# Writes all.cpp (each header twice) and macros.cpp (each header after hostile macros).
# Arguments: HEADERS (absolute paths), INCLUDE_DIR, OUT.

set(includes "")
set(foreign "")
foreach(header IN LISTS HEADERS)
  file(RELATIVE_PATH name "${INCLUDE_DIR}" "${header}")
  string(APPEND includes "#include <${name}>\n")
  file(STRINGS "${header}" lines REGEX "^#[ ]*include <")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "<ashlar/")
      string(REGEX REPLACE "^.*(<[^>]+>).*$" "#include \\1" line "${line}")
      list(APPEND foreign "${line}")
    endif()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES foreign)
list(SORT foreign)
list(JOIN foreign "\n" foreign)

file(WRITE "${OUT}/all.cpp" "// Every header twice.\n${includes}${includes}")

# cereal includes <iostream>, whose object is initialised before main; ours must not add to that.
string(REPLACE "#include <ashlar/codec/cereal.hpp>\n" "" without_cereal "${includes}")
file(WRITE "${OUT}/start.cpp" "// Every header but the one over cereal.\n${without_cereal}")

# The system's own headers come first: they are not on trial, and their guards keep them out later.
file(WRITE "${OUT}/macros.cpp" "// Every header behind macros that some system defines.
#define XXH_INLINE_ALL
${foreign}
#define min(a, b) macro_min_was_expanded
#define max(a, b) macro_max_was_expanded
#define major(x) macro_major_was_expanded
#define minor(x) macro_minor_was_expanded
#define I macro_I_was_expanded
#define ERROR macro_ERROR_was_expanded
#define DELETE macro_DELETE_was_expanded
#define OK macro_OK_was_expanded
#define small macro_small_was_expanded
#define interface macro_interface_was_expanded
${includes}")
