# cmake --install: the program, both libraries, the header, and what helps to use them.
install(TARGETS gyre_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS gyre_static gyre_shared
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES include/gyre.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES docs/gyre.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES cli/gyre.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME gyre)

# Paths below the prefix are told by it, so that an installed tree can be moved.
foreach(kind LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}}")
    set(GYRE_PC_${kind} "${CMAKE_INSTALL_${kind}}")
  else()
    set(GYRE_PC_${kind} "\${prefix}/${CMAKE_INSTALL_${kind}}")
  endif()
endforeach()
configure_file(cmake/gyre.pc.in gyre.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/gyre.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
