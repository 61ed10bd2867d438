# gyre_floor(NAME SOURCES sources... [LIBRARIES targets...])
# A floor is a static library gyre_NAME. LIBRARIES names the lower floors that it may use
# (scripts/tidy.py checks the includes) and what comes from outside. libgyre bundles all floors.
function(gyre_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(gyre_${name} STATIC ${FLOOR_SOURCES})
  target_link_libraries(gyre_${name} PUBLIC gyre_options ${FLOOR_LIBRARIES})
endfunction()
