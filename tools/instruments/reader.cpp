#include "instruments/reader.hpp"

#include "base/text.hpp"
#include "cli/log.hpp"
#include "instruments/kept_master.hpp"
#include "instruments/local_file.hpp"
#include "instruments/resolve.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace ltp::instruments {
namespace {

constexpr std::size_t kMaxFile = 16 << 20;  // 25,000 lines have 1
const std::string kStandardInput = "standard input";
const std::string kDash = "-";

/// Opened a second time it would be empty, or hold us until somebody writes.
bool is_pipe(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

Entries read_entries(const Sources& from) {
  Entries entries;
  for (const auto& text : from.arguments) entries.add_argument(text);
  for (const auto& path : from.files)
    if (const auto kept = from.once.find(path); kept != from.once.end())
      entries.add_lines(kept->second, path == kDash ? kStandardInput : path);
    else
      entries.add_lines(read_file(path, kMaxFile).view(), path);
  return entries;
}

WatchList resolve(const Entries& entries, const std::string& file, bool stale) {
  const auto text = read_file(file, kMaxMaster);
  return with_master(entries, {text.view(), file, stale});
}

/// Turns what `make` throws into a value.
template <class Make>
Result<WatchList, StartError> caught(Make make) {
  try {
    return make();
  } catch (const StartError& error) {
    return error;
  }
}

}  // namespace

Sources sources(std::vector<std::string> arguments, std::vector<std::string> files,
                std::string master) {
  Sources from{std::move(arguments), std::move(files), std::move(master), {}};
  for (const auto& path : from.files) {
    if (from.once.contains(path)) continue;
    if (path == kDash)
      from.once.emplace(path, read_all(STDIN_FILENO, kStandardInput, kMaxFile).view());
    else if (is_pipe(path))
      from.once.emplace(path, read_file(path, kMaxFile).view());
  }
  return from;
}

struct Reader::Impl {
  loop::Loop& loop;
  std::optional<KeptMaster> kept;  // made anew each time: the environment says where
  Entries entries;
  Done done;

  void use(const Result<KeptMaster::Copy, StartError>& copy) {
    auto answer = copy ? caught([&] {
      const auto& [path, why_stale] = copy.value();
      if (!why_stale.empty()) cli::log::warn(cat(why_stale, "; going on with an older one"));
      return resolve(entries, path, !why_stale.empty());
    })
                       : Result<WatchList, StartError>(copy.error());
    std::exchange(done, nullptr)(std::move(answer));
  }
};

Reader::Reader(loop::Loop& loop) : impl_(new Impl{loop, {}, {}, {}}) {}

Reader::~Reader() = default;

bool Reader::busy() const noexcept {
  return impl_->done != nullptr;
}

void Reader::read(const Sources& from, Done done) {
  std::optional<MasterPlace> place;
  auto answer = caught([&] {
    impl_->entries = read_entries(from);
    if (!from.master.empty()) return resolve(impl_->entries, from.master, false);
    if (!impl_->entries.has_names()) return without_master(impl_->entries);
    place = place_from_environment();
    return WatchList{};
  });
  if (!place) return done(std::move(answer));
  impl_->done = std::move(done);
  impl_->kept.emplace(impl_->loop, *std::move(place));
  impl_->kept->get([this](const auto& copy) { impl_->use(copy); });
}

WatchList read_watch_list(const Sources& from) {
  loop::Loop loop;
  Reader reader(loop);
  std::optional<Result<WatchList, StartError>> answer;
  reader.read(from, [&](Result<WatchList, StartError> result) {
    answer = std::move(result);
    loop.stop();
  });
  if (!answer) loop.run();
  if (!*answer) throw answer->error();
  return std::move(*answer).value();
}

}  // namespace ltp::instruments
