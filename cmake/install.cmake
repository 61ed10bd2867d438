# cmake --install: the program, both libraries, the header, and what helps to use them.
install(TARGETS gyre_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS gyre_static gyre_shared
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES include/gyre.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES docs/gyre.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/HUNTING.md docs/LANGUAGE.md docs/FORMATS.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES cli/gyre.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME gyre)

# Where the file lies tells the prefix, which --prefix and a moved tree may change.
file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" up "${up}")
set(GYRE_PC_PREFIX "\${pcfiledir}/${up}")
foreach(kind LIBDIR INCLUDEDIR)
  set(GYRE_PC_${kind} "\${prefix}/${CMAKE_INSTALL_${kind}}")
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}}")
    set(GYRE_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
    set(GYRE_PC_${kind} "${CMAKE_INSTALL_${kind}}")
  endif()
endforeach()
configure_file(cmake/gyre.pc.in gyre.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/gyre.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
