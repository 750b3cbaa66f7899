#pragma once

#include <string_view>

namespace ltp::serve {

/// A file of page/, put into the program when it was built.
struct PageFile {
  std::string_view path;  // in the URL: "/", "/app.js"
  std::string_view content_type;
  std::string_view body;
};

/// None: no such file.
const PageFile* find_page(std::string_view path) noexcept;

}  // namespace ltp::serve
