// The reference for filter_bench.sh: how long simdjson's parser alone takes for each line of
// a file, read as the filters read it.
//
//   parse_file FILE

#include <simdjson.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <string>

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const int fd = open(argv[1], O_RDONLY);
  if (fd < 0) return 66;
  constexpr std::size_t kRead = 256 << 10;
  std::string buffer(2 * kRead + simdjson::SIMDJSON_PADDING, '\0');
  simdjson::dom::parser parser;
  std::size_t left = 0, lines = 0;
  for (;;) {
    const ssize_t got = read(fd, buffer.data() + left, kRead);
    if (got <= 0) break;
    const char* at = buffer.data();
    const char* const end = at + left + static_cast<std::size_t>(got);
    while (const auto* newline = static_cast<const char*>(
               std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) {
      simdjson::dom::element root;
      if (parser.parse(at, static_cast<std::size_t>(newline - at), false).get(root) !=
          simdjson::SUCCESS)
        return 65;
      ++lines;
      at = newline + 1;
    }
    left = static_cast<std::size_t>(end - at);
    std::memmove(buffer.data(), at, left);
  }
  close(fd);
  return lines > 0 ? 0 : 65;
}
