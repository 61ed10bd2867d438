# Debian 12's packages; scripts/setup installs them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
if(GYRE_THREADS)
  find_package(OpenMP REQUIRED COMPONENTS C)
endif()
find_package(BISON 3.8 REQUIRED)
find_package(FLEX 2.6 REQUIRED)
pkg_check_modules(HWLOC REQUIRED IMPORTED_TARGET hwloc)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(COMPRESSION REQUIRED IMPORTED_TARGET zlib libzstd liblzma liblz4)
find_package(BZip2 REQUIRED) # Debian's has no pkg-config file
# gyre shell edits lines with it, where it is there.
pkg_check_modules(LINE_EDITOR IMPORTED_TARGET libedit)

# What compressed input is read with.
add_library(gyre_compression INTERFACE)
target_link_libraries(gyre_compression INTERFACE PkgConfig::COMPRESSION BZip2::BZip2)

option(GYRE_FUZZ "Build the fuzz targets; clang only" OFF)

# Every target of gyre is compiled with these.
add_library(gyre_options INTERFACE)
target_include_directories(gyre_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(gyre_options INTERFACE _GNU_SOURCE GYRE_VERSION="${PROJECT_VERSION}")
target_compile_options(gyre_options INTERFACE
  $<$<COMPILE_LANGUAGE:C>:-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla>)
# A loop that clang does not vectorise, as it never does at -O1, is slower, not wrong.
target_compile_options(gyre_options INTERFACE $<$<C_COMPILER_ID:Clang>:-Wno-pass-failed>)
if(GYRE_WERROR)
  target_compile_options(gyre_options INTERFACE -Werror)
endif()
if(GYRE_SANITIZE STREQUAL "address")
  target_compile_options(gyre_options INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # Tests start programs some thousand times; a third of a start is relocation, which a program at a
  # fixed place is spared.
  target_link_options(gyre_options INTERFACE -fsanitize=address,undefined
                      $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
elseif(GYRE_SANITIZE STREQUAL "thread")
  target_compile_options(gyre_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(gyre_options INTERFACE -fsanitize=thread)
endif()
if(GYRE_SANITIZE)
  # clang's OpenMP loads Archer, which is C++. It has to find the operator new of the C++ library,
  # which calls the sanitizer's malloc, before that of jemalloc, whose blocks the sanitizer's free
  # refuses.
  target_link_options(gyre_options INTERFACE
                      LINKER:--push-state,--no-as-needed -lstdc++ LINKER:--pop-state)
endif()
if(GYRE_FUZZ)
  target_compile_options(gyre_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(GYRE_COVERAGE)
  target_compile_options(gyre_options INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(gyre_options INTERFACE --coverage)
endif()
