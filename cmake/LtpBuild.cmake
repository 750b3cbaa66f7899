# One room of lib/ is one static library; one tool is one object library (so that
# tests link its nouns) and one program. Nothing else is hidden here.

find_program(LTP_CCACHE ccache)
if(LTP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LTP_CCACHE})
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(LWS REQUIRED IMPORTED_TARGET libwebsockets)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
pkg_check_modules(SPDLOG REQUIRED IMPORTED_TARGET spdlog)
find_package(nlohmann_json REQUIRED)

add_library(ltp_flags INTERFACE)
target_compile_options(ltp_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Wno-missing-field-initializers
  $<$<BOOL:${LTP_WERROR}>:-Werror>)
# A room may know a library that only some of its users need (lib/net: libwebsockets).
target_link_options(ltp_flags INTERFACE -Wl,--as-needed)
if(LTP_SANITIZE)
  target_compile_options(ltp_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(ltp_flags INTERFACE -fsanitize=address,undefined)
endif()

# ltp_room(NAME SOURCES a.cpp… LINKS ltp_base PkgConfig::UV…)
function(ltp_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(ltp_${name} STATIC ${ARG_SOURCES})
  target_include_directories(ltp_${name} PUBLIC ${CMAKE_SOURCE_DIR}/lib)
  target_link_libraries(ltp_${name} PUBLIC ${ARG_LINKS} PRIVATE ltp_flags ${ARG_PRIVATE_LINKS})
endfunction()

# ltp_tool(ltp-cache SOURCES options.cpp cache_filter.cpp LINKS ltp_cli …)
# main.cpp is the program; everything else is the library ltp-cache_parts, for tests.
function(ltp_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name}_parts STATIC ${ARG_SOURCES})
  target_include_directories(${name}_parts PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name}_parts PUBLIC ${ARG_LINKS} PRIVATE ltp_flags)
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${name}_parts ltp_flags)
  install(TARGETS ${name} RUNTIME)
endfunction()
