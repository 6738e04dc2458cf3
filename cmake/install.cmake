# `cmake --install`: headers, the two libraries, the binary, example configurations and the package `links`.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/links)

set_target_properties(links_base PROPERTIES EXPORT_NAME base)
install(TARGETS links links_base EXPORT links_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS links_app RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY include/links DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY configs models DESTINATION ${CMAKE_INSTALL_DATADIR}/links)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/links)
install(EXPORT links_targets NAMESPACE links:: FILE links-targets.cmake DESTINATION ${package_folder})

configure_package_config_file(cmake/links-config.cmake.in ${PROJECT_BINARY_DIR}/package/links-config.cmake
  INSTALL_DESTINATION ${package_folder} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/links-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/links-config.cmake ${PROJECT_BINARY_DIR}/package/links-config-version.cmake
  cmake/libtorch.cmake cmake/dependencies.cmake cmake/links-share.cpp DESTINATION ${package_folder})
