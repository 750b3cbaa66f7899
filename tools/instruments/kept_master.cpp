#include "instruments/kept_master.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/log.hpp"
#include "cli/run_tool.hpp"
#include "dhan/scrip_master.hpp"
#include "instruments/local_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace ltp::instruments {
namespace {

constexpr std::string_view kBrokersUrl = "https://images.dhan.co/api-data/api-scrip-master.csv";
constexpr std::int64_t kDay_s = 86'400;
constexpr std::int64_t kRenewed_s = 3 * 3600;  // 08:30 in India, in UTC
constexpr std::int64_t kMaxStale_s = 7 * kDay_s;
constexpr loop::Ms kAskForTurn{100};
constexpr std::int64_t kMaxTurn_ms = 150'000;  // longer than a download may take

std::int64_t now_s() noexcept {
  return wall_us() / 1'000'000;
}

/// When the file was written, or nothing if there is none.
std::optional<std::int64_t> written_s(const std::string& path) noexcept {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return std::nullopt;
  return about.st_mtim.tv_sec;
}

bool is_current_file(const std::string& path) noexcept {
  const auto written = written_s(path);
  return written && is_current(*written, now_s());
}

/// One name per URL, so that a mirror's file is never taken for the broker's.
std::string file_name(const HttpUrl& url, bool brokers) {
  if (brokers) return "scrip-master.csv";
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const char c : cat(url.tls ? "s" : "p", url.host, " ", url.port, url.resource))
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return cat("scrip-master-", hash, ".csv");
}

std::string cache_directory() {
  // A relative path in either is to be passed over, says the XDG specification.
  const auto cache = cli::env({"XDG_CACHE_HOME"});
  if (cache.starts_with('/')) return cache + "/ltp";
  const auto home = cli::env({"HOME"});
  if (home.starts_with('/')) return home + "/.cache/ltp";
  throw StartError(Fault::kConfig,
                   "names need the instrument master, and neither XDG_CACHE_HOME nor HOME says "
                   "where to keep it; set one, or give the file with --master");
}

StartError cannot_keep(const std::string& what, const std::string& why) {
  return {Fault::kIo, cat("cannot keep the instrument master at ", what, " (", why,
                          "); set XDG_CACHE_HOME, or give the file with --master")};
}

}  // namespace

bool is_current(std::int64_t fetched_s, std::int64_t now) noexcept {
  const auto renewed = (now - kRenewed_s) / kDay_s * kDay_s + kRenewed_s;
  return fetched_s >= renewed && fetched_s <= now;
}

MasterPlace place_from_environment() {
  const auto given = cli::env({"DHANHQ_SCRIP_MASTER_URL"});
  const bool brokers = given.empty() || given == kBrokersUrl;
  const auto url = parse_http_url(brokers ? kBrokersUrl : given);
  if (!url)
    throw StartError(Fault::kConfig,
                     "DHANHQ_SCRIP_MASTER_URL: wanted is https://HOST/PATH or http://HOST/PATH, "
                     "without a name or password");
  return {*url, cache_directory(), file_name(*url, brokers)};
}

KeptMaster::KeptMaster(loop::Loop& loop, MasterPlace place)
    : place_(std::move(place)), download_(loop), turn_(loop, [this] { take_turn(); }) {}

void KeptMaster::get(Done done) {
  done_ = std::move(done);
  if (is_current_file(place_.path())) return end(Copy{place_.path(), {}});

  std::error_code error;
  std::filesystem::create_directories(place_.directory, error);
  if (error) return end(cannot_keep(place_.directory, error.message()));
  const auto lock = place_.path() + ".lock";
  lock_.reset(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_) return end(cannot_keep(lock, std::strerror(errno)));
  give_up_ms_ = steady_ms() + kMaxTurn_ms;
  take_turn();
}

void KeptMaster::take_turn() {
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) {
    if (is_current_file(place_.path())) return end(Copy{place_.path(), {}});
    return fetch();
  }
  if (errno != EWOULDBLOCK && errno != EINTR)
    return end(cannot_keep(place_.path() + ".lock", std::strerror(errno)));
  if (steady_ms() > give_up_ms_) return fail("another program has been at it for too long");
  turn_.start(kAskForTurn);
}

void KeptMaster::fetch() {
  // The lock is ours, so one name is enough, and what a crash left is written over.
  const auto part = place_.path() + ".part";
  part_.reset(::open(part.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!part_) return end(cannot_keep(part, std::strerror(errno)));
  cli::log::info(cat("fetching the instrument master from ", place_.url.label()));
  download_.start(place_.url, part_.get(), [this](const std::string& fault) { on_fetched(fault); });
}

void KeptMaster::on_fetched(const std::string& fault) {
  const auto why = fault.empty() ? install() : fault;
  part_.reset();
  if (why.empty()) return end(Copy{place_.path(), {}});
  ::unlink((place_.path() + ".part").c_str());
  fail(why);
}

/// Puts the fetched file in the place of the old one. Why it cannot, or "".
std::string KeptMaster::install() {
  const auto part = place_.path() + ".part";
  try {
    const auto text = read_file(part, kMaxMaster);
    const auto looked = dhan::look_up(text.view(), {});
    if (!looked) return cat("what came ", looked.error().text);
    if (looked.value().rows == 0) return "what came has no rows";
  } catch (const StartError& error) {
    return error.what();
  }
  if (::fsync(part_.get()) != 0 || ::rename(part.c_str(), place_.path().c_str()) != 0)
    return cat("cannot write ", place_.path(), " (", std::strerror(errno), ")");
  return {};
}

void KeptMaster::fail(const std::string& why) {
  const auto text =
      cat("cannot fetch the instrument master from ", place_.url.label(), " (", why, ")");
  const auto written = written_s(place_.path());
  const auto age_s = written ? now_s() - *written : -1;
  if (age_s >= 0 && age_s <= kMaxStale_s) return end(Copy{place_.path(), text});
  end(StartError(Fault::kUnavailable,
                 cat(text, "; write instruments as SEGMENT:ID, or give a file with --master")));
}

void KeptMaster::end(Result<Copy, StartError> result) {
  lock_.reset();
  std::exchange(done_, nullptr)(std::move(result));
}

}  // namespace ltp::instruments
