#include "run.hpp"

#include "asker.hpp"
#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "cli/print.hpp"
#include "cli/secrets.hpp"
#include "doctor.hpp"
#include "instruments/reader.hpp"
#include "loop/loop.hpp"
#include "rows.hpp"

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ltp::get {
namespace {

/// One for each that was asked for. Names need the instrument master, which is read only if
/// there are some. A key that is an argument stands in the answer as it was written.
std::vector<Row> read_rows(const Options& options) {
  const auto& arguments = options.instruments;
  std::vector<Row> rows;
  for (const auto& text : arguments)
    if (const auto instrument = parse_instrument(text)) rows.push_back({text, *instrument, {}, {}});
  if (rows.size() == arguments.size() && options.files.empty()) return rows;

  const auto list =
      instruments::read_watch_list(instruments::sources(arguments, options.files, options.master));
  rows.clear();
  for (const auto instrument : list.asked()) {
    const auto i = rows.size();  // arguments come first
    const bool is_key = i < arguments.size() && parse_instrument(arguments[i]);
    rows.push_back({is_key ? arguments[i] : to_text(instrument),
                    instrument,
                    std::string(list.symbol(instrument)),
                    {}});
  }
  return rows;
}

Style style_of(const Options& options, bool on_terminal) {
  if (options.price_only) return Style::kPriceOnly;
  switch (options.format) {
    case Format::kTable: return Style::kTable;
    case Format::kNdjson: return Style::kNdjson;
    case Format::kJson: return Style::kJson;
    case Format::kCsv: return Style::kCsv;
    case Format::kTsv: return Style::kTsv;
    case Format::kAuto: break;
  }
  return on_terminal ? Style::kTable : Style::kNdjson;
}

bool reader_has_gone() {
  pollfd out{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

constexpr loop::Ms kLook{500};  // whether somebody still reads

/// The command from its first question to its last answer. A signal before the only answer
/// ends it as it ends any program; between answers it is how a watch is left.
class Run {
 public:
  Run(const Options& options, std::vector<Row> rows)
      : options_(options),
        rows_(std::move(rows)),
        on_terminal_(::isatty(STDOUT_FILENO) == 1),
        asker_(loop_, options),
        again_(loop_, [this] { ask(); }),
        look_(loop_, [this] {
          if (reader_has_gone()) loop_.stop();
        }) {
    if (options.watch.count() == 0) return;
    signals_.emplace(loop_, std::initializer_list<int>{SIGTERM, SIGINT},
                     [this](int) { loop_.stop(); });
    look_.start(kLook, kLook);
  }

  cli::ExitCode operator()() {
    ask();
    loop_.run();
    return status_;
  }

 private:
  void ask() {
    asker_.ask(rows_, [this](const Outcome& outcome) { on_outcome(outcome); });
  }

  void on_outcome(const Outcome& outcome) {
    status_ = outcome.status;
    if (outcome.answered) print();  // else nulls would look like an answer
    const bool erased = redraws() && ::isatty(STDERR_FILENO) == 1;
    if ((outcome.why != told_ || erased) && !outcome.why.empty()) cli::log::error(outcome.why);
    told_ = outcome.why;
    if (options_.watch.count() == 0 || reader_has_gone()) return loop_.stop();
    again_.start(options_.watch);
  }

  bool redraws() const { return options_.watch.count() > 0 && on_terminal_; }

  void print() {
    const auto style = style_of(options_, on_terminal_);
    auto text = text_of(rows_, style);
    if (redraws()) {
      constexpr std::string_view kHome = "\x1b[H";
      constexpr std::string_view kClearAll = "\x1b[H\x1b[2J";
      constexpr std::string_view kClearBelow = "\x1b[J";
      constexpr std::string_view kClearRest = "\x1b[K";
      for (std::size_t end = 0; (end = text.find('\n', end)) != text.npos;
           end += kClearRest.size() + 1)
        text.insert(end, kClearRest);
      text = cat(std::exchange(drawn_, true) ? kHome : kClearAll, text, kClearBelow);
    } else if (std::exchange(drawn_, true) && (style == Style::kCsv || style == Style::kTsv)) {
      text.erase(0, text.find('\n') + 1);  // the names stand above the first lines
    }
    cli::print(text);
  }

  const Options& options_;
  loop::Loop loop_;
  std::vector<Row> rows_;
  const bool on_terminal_;
  Asker asker_;
  loop::Timer again_;
  loop::Timer look_;
  std::optional<loop::Signals> signals_;
  bool drawn_ = false;
  std::string told_;
  cli::ExitCode status_ = cli::ExitCode::kOk;
};

}  // namespace

cli::ExitCode run(const Options& options) {
  cli::keep_memory_private();
  if (is_doctor(options)) return examine(options);
  if (options.instruments.empty() && options.files.empty())
    throw StartError(Fault::kUsage,
                     "no instrument was given; name some as SEGMENT:ID, or a file with -i");
  auto rows = read_rows(options);
  if (rows.empty()) throw StartError(Fault::kBadInput, "the files name no instrument");
  return Run(options, std::move(rows))();
}

}  // namespace ltp::get
