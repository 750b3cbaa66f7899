# Writes OUTPUT, a source file with the bytes of each of INPUTS and find_page() over
# them (tools/ltp-serve/page.hpp). index.html is "/", every other file its name.
set(arrays "")
set(table "")
foreach(input IN LISTS INPUTS)
  get_filename_component(name ${input} NAME)
  string(MAKE_C_IDENTIFIER ${name} symbol)
  file(READ ${input} hex HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
  if(name MATCHES "\\.html$")
    set(type "text/html; charset=utf-8")
  elseif(name MATCHES "\\.js$")
    set(type "text/javascript; charset=utf-8")
  elseif(name MATCHES "\\.css$")
    set(type "text/css; charset=utf-8")
  elseif(name MATCHES "\\.svg$")
    set(type "image/svg+xml")
  else()
    message(FATAL_ERROR "no content type is known for ${name}")
  endif()
  if(name STREQUAL "index.html")
    set(path "/")
  else()
    set(path "/${name}")
  endif()
  string(APPEND arrays "constexpr char k_${symbol}[] = {${bytes}};\n")
  string(APPEND table
    "    {\"${path}\", \"${type}\", {k_${symbol}, sizeof k_${symbol}}},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by cmake/EmbedPage.cmake; do not edit.
#include \"page.hpp\"

namespace ltp::serve {
namespace {
${arrays}
constexpr PageFile kFiles[] = {
${table}};
}  // namespace

const PageFile* find_page(std::string_view path) noexcept {
  for (const PageFile& file : kFiles)
    if (file.path == path) return &file;
  return nullptr;
}
}  // namespace ltp::serve
")
