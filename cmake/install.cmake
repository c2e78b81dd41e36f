# SPDX-License-Identifier: BSL-1.0
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(ashlar_INSTALL_CMAKEDIR "${CMAKE_INSTALL_DATADIR}/cmake/ashlar"
  CACHE STRING "Where ashlar's package config goes, relative to the prefix")
mark_as_advanced(ashlar_INSTALL_CMAKEDIR)

foreach(part IN ITEMS core LISTS ASHLAR_PARTS)
  install(TARGETS ashlar_${part} EXPORT ashlar-${part}
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT ashlar_Development)
  install(EXPORT ashlar-${part} NAMESPACE ashlar:: FILE ashlar-${part}-targets.cmake
    DESTINATION "${ashlar_INSTALL_CMAKEDIR}" COMPONENT ashlar_Development)
endforeach()

string(REPLACE ";" " " ASHLAR_COMPONENTS "core;${ASHLAR_PARTS}")
configure_package_config_file(cmake/ashlar-config.cmake.in
  "${PROJECT_BINARY_DIR}/ashlar-config.cmake"
  INSTALL_DESTINATION "${ashlar_INSTALL_CMAKEDIR}"
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/ashlar-config-version.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  "${PROJECT_BINARY_DIR}/ashlar-config.cmake"
  "${PROJECT_BINARY_DIR}/ashlar-config-version.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/ashlar-deps.cmake"
  DESTINATION "${ashlar_INSTALL_CMAKEDIR}" COMPONENT ashlar_Development)

configure_file(cmake/ashlar.pc.in "${PROJECT_BINARY_DIR}/ashlar.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/ashlar.pc"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig" COMPONENT ashlar_Development)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/ashlar" COMPONENT ashlar_Development)
