#include "options.hpp"

#include "cli/run_tool.hpp"
#include "filter/options.hpp"

#include <CLI/CLI.hpp>

#include <map>

namespace ltp::get {
namespace {

constexpr const char* kDoctor = "doctor";

void add_output_options(CLI::App& app, Options& options) {
  auto* output =
      app.add_option(
             "-o,--output", options.format,
             "table, ndjson, json, csv or tsv; by default a table on a terminal, else NDJSON")
          ->type_name("FORMAT")
          ->transform(
              CLI::CheckedTransformer(std::map<std::string, Format>{{"table", Format::kTable},
                                                                    {"ndjson", Format::kNdjson},
                                                                    {"json", Format::kJson},
                                                                    {"csv", Format::kCsv},
                                                                    {"tsv", Format::kTsv}},
                                      CLI::ignore_case)
                  .description(""));
  app.add_flag("--price-only", options.price_only, "Print prices only, one a line")
      ->excludes(output);
  cli::add_duration(app, "--watch", options.watch,
                    "Ask again each TIME: redraws on a terminal, more lines elsewhere");
}

/// Who looks at everything is told where everything is.
void allow_together(CLI::Option& one, CLI::Option& other) {
  one.remove_excludes(&other);
  other.remove_excludes(&one);
}

void add_source_options(CLI::App& app, Options& options) {
  auto* redis = filter::add_redis_option(app, options.redis);
  const auto set_url = [&options](const std::string& text) {
    options.url = instruments::parse_http_url(text);
    if (!options.url) throw CLI::ValidationError("--url", "it is no http:// or https:// URL");
  };
  auto* url = app.add_option_function<std::string>(
                     "--url", set_url, "Ask this ltp-serve, not Redis: http://host:3000")
                  ->type_name("URL")
                  ->excludes(redis);
  const auto only = [&options](Sources sources) {
    return [&options, sources] { options.sources = sources; };
  };
  auto* no_broker = app.add_flag_callback("--no-broker", only(Sources::kCache),
                                          "Do not ask the broker for what Redis does not have");
  auto* broker =
      app.add_flag_callback("--broker", only(Sources::kBroker), "Ask the broker only, not Redis");
  auto* token =
      app.add_option("--token-file", options.token_file, "Read the broker's access token from FILE")
          ->type_name("FILE");
  no_broker->excludes(broker)->excludes(token);
  for (auto* of_broker : {no_broker, broker, token}) url->excludes(of_broker);
  app.add_option_function<std::vector<std::string>>(
         "INSTRUMENT",
         [=, &options](const std::vector<std::string>& texts) {
           options.instruments = texts;
           if (texts != std::vector<std::string>{kDoctor}) return;
           for (auto* one : {redis, token}) allow_together(*url, *one);
         },
         "What to look up, as SEGMENT:ID or by name; or 'doctor', to find what is wrong")
      ->type_name("")
      ->configurable(false);
  cli::add_duration(app, "--max-age", options.max_age, "Count a price that is older as missing");
}

}  // namespace

bool is_doctor(const Options& options) {
  return options.files.empty() && options.instruments == std::vector<std::string>{kDoctor};
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("-i,--instruments", options.files,
                 "Read more from FILE, one a line, '#' opens a comment; - is standard input")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--master", options.master,
                 "Look names up in FILE, the broker's instrument master; by default a copy in "
                 "the cache, fetched once a day")
      ->type_name("FILE");
  add_output_options(app, options);
  add_source_options(app, options);
  app.footer(
      "The broker is asked with DHANHQ_CLIENT_ID and DHANHQ_ACCESS_TOKEN, at\n"
      "DHANHQ_BASE_URL or else the live one. Names are looked up in the instrument master of\n"
      "DHANHQ_SCRIP_MASTER_URL, or the broker's.");
}

}  // namespace ltp::get
