#include "options.hpp"

#include "filter/options.hpp"

#include <CLI/CLI.hpp>

#include <map>

namespace ltp::get {

void add_options(CLI::App& app, Options& options) {
  app.add_option("KEY", options.keys, "What to look up, as SEGMENT:ID")
      ->type_name("")
      ->configurable(false);
  app.add_option("-o,--output", options.format,
                 "table or ndjson; by default a table on a terminal, else NDJSON")
      ->type_name("FORMAT")
      ->transform(
          CLI::CheckedTransformer(
              std::map<std::string, Format>{{"table", Format::kTable}, {"ndjson", Format::kNdjson}},
              CLI::ignore_case)
              .description(""));
  filter::add_redis_option(app, options.redis);
}

}  // namespace ltp::get
