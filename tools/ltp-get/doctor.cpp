#include "doctor.hpp"

#include "account/credentials.hpp"
#include "base/clock.hpp"
#include "base/fault.hpp"
#include "base/text.hpp"
#include "cli/print.hpp"
#include "dhan/quote_api.hpp"
#include "json/json.hpp"
#include "loop/loop.hpp"
#include "net/http_client.hpp"
#include "quotes/quotes.hpp"
#include "redis/client.hpp"
#include "tick/keys.hpp"
#include "tick/sessions.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ltp::get {
namespace {

using cli::ExitCode;
constexpr loop::Ms kPatience{3000};
constexpr auto kNoAnswer = "no answer within 3 s";
constexpr int kMostScans = 500;           // of 1,000 keys each
constexpr std::size_t kMostSampled = 20;  // keys whose life is looked at
constexpr std::string_view kHealthPath = "/api/v1/health/market_stream";

/// What Redis answered, kept.
struct Told {
  bool good = false;  // not an error, not a lost connection
  bool lost = false;  // nobody will answer any more
  std::string text;   // of it, or why not
  std::int64_t integer = 0;
  std::vector<Told> elements;
};

Told kept(const redis::Reply& reply) {
  Told told{!reply.is_error(), false, std::string(reply.text), reply.integer, {}};
  for (const auto& element : reply.elements) told.elements.push_back(kept(element));
  return told;
}

std::string seconds(std::int64_t s) {
  return s < 600 ? cat(s, " s") : s < 7200 ? cat(s / 60, " min") : cat(s / 3600, " h");
}

/// One question after another; each waits for its answer on the loop.
class Doctor {
 public:
  explicit Doctor(const Options& options) : options_(options) {}

  ExitCode operator()() {
    tell_market();
    if (look_at_redis()) {
      look_at_prices();
      if (!lost_) look_at_channel();
      if (!lost_) look_at_heartbeat();
    }
    look_at_server();
    look_at_broker();
    return status_;
  }

 private:
  void say(std::string_view word, std::string_view what) {
    cli::print(cat(word, std::string(6 - word.size(), ' '), what, "\n"));
  }
  void well(std::string_view what) { say("ok", what); }
  void note(std::string_view what) { say("note", what); }
  void wrong(std::string_view what, std::string_view next,
             ExitCode status = ExitCode::kIncomplete) {
    say("WRONG", cat(what, "; ", next));
    if (status_ == ExitCode::kOk || status_ == ExitCode::kIncomplete) status_ = status;
  }

  /// False if the patience ran out before that.
  bool wait_until(const bool& there) {
    bool in_time = true;
    loop::Timer deadline(loop_, [&] {
      in_time = false;
      loop_.stop();
    });
    deadline.start(kPatience);
    while (!there && in_time) loop_.run();
    return there;
  }

  void tell_market() {
    const auto sessions = Sessions::built_in();
    const auto now_s = wall_us() / 1'000'000;
    open_ =
        sessions.opened_at(Segment::kNseEq, now_s) || sessions.opened_at(Segment::kMcxComm, now_s);
    note(open_ ? "a market is open" : "NSE and MCX are closed now: prices may well be missing");
  }

  bool look_at_redis() {
    redis_.emplace(
        loop_, options_.redis, "ltp-get",
        redis::Client::Events{[this] { on_redis({}); },
                              [this](const std::string& why, loop::Ms) { on_redis(why); },
                              {}});
    redis_->start();
    if (!wait_until(redis_tried_)) redis_fault_ = kNoAnswer;
    if (redis_fault_.empty()) {
      well(cat("Redis at ", options_.redis.label(), " answers"));
      return true;
    }
    wrong(cat("Redis at ", options_.redis.label(), " cannot be used: ", redis_fault_),
          next_for(redis_fault_), ExitCode::kUnavailable);
    redis_.reset();
    return false;
  }

  void on_redis(const std::string& fault) {
    redis_fault_ = fault;
    redis_tried_ = true;
    loop_.stop();
  }

  static std::string_view next_for(std::string_view fault) {
    if (fault.starts_with("LOADING")) return "it still reads its data; try again in a while";
    const auto says = [&](std::string_view word) { return fault.find(word) != fault.npos; };
    return says("NOAUTH") || says("WRONGPASS") || says("AUTH") || says("invalid password")
               ? "mend user and password in REDIS_URL"
               : "start it, or name another in REDIS_URL";
  }

  Told ask(const std::vector<std::string>& words) {
    const Told broken{.lost = true, .text = "the connection broke"};
    if (!redis_->up()) return broken;
    Told told{.lost = true, .text = kNoAnswer};
    bool there = false;
    redis_->command(std::vector<std::string_view>(words.begin(), words.end()),
                    [&](const redis::Reply* reply) {
                      told = reply != nullptr ? kept(*reply) : broken;
                      there = true;
                      loop_.stop();
                    });
    // Answers to what was given up would come to a dead place.
    if (!wait_until(there)) redis_->stop();
    return told;
  }

  /// Tells what Redis did not answer, and why.
  void unanswered(const Told& told, std::string_view what, std::string_view command) {
    lost_ = told.lost;
    if (lost_)
      return wrong(cat("Redis does not go on answering: ", told.text), "see what its log says",
                   ExitCode::kUnavailable);
    wrong(cat(what, ": ", printable(told.text)), told.text.starts_with("NOPERM")
                                                     ? cat("give this user the right to ", command)
                                                     : cat("see what writes there"));
  }

  void look_at_prices() {
    std::size_t count = 0;
    std::vector<std::string> some;
    std::string cursor = "0";
    int scans = 0;
    do {
      const auto told = ask({"SCAN", cursor, "MATCH", cat(keys::kPrefix, ":*"), "COUNT", "1000"});
      if (!told.good || told.elements.size() != 2)
        return unanswered(told, "the prices cannot be counted", "SCAN");
      cursor = told.elements[0].text;
      count += told.elements[1].elements.size();
      for (const auto& key : told.elements[1].elements)
        if (some.size() < kMostSampled) some.push_back(key.text);
    } while (cursor != "0" && ++scans < kMostScans);
    if (count == 0)
      return missing(cat("no price lies in Redis, under ", keys::kPrefix, ":SEGMENT:ID"),
                     "run ltp-feed | ltp-cache, and see what they say");
    well(cat(counted(count, "price"), scans == kMostScans ? " or more" : "", " in Redis"));
    look_at_lives(some);
  }

  void look_at_lives(const std::vector<std::string>& some) {
    std::int64_t most_ms = -1;
    for (const auto& key : some) {
      const auto told = ask({"PTTL", key});
      if (!told.good)
        return unanswered(told, cat("the life of ", printable(key), " is not told"),
                          "PTTL and to the keys ltp:*");
      if (told.integer == -1)
        return wrong(cat(printable(key), " lives for ever, so that nobody sees that it is old"),
                     "store with SETEX, as ltp-cache does, and delete this one");
      most_ms = std::max(most_ms, told.integer);
    }
    constexpr std::int64_t kLife_ms = std::int64_t{1000} * keys::kPriceLife_s;
    if (most_ms > kLife_ms)
      note(cat("keys live longer than ", keys::kPriceLife_s, " s: ages cannot be told from them"));
    else if (most_ms >= 0)
      note(cat("the newest of ", some.size(), " looked at is ",
               seconds((kLife_ms - most_ms) / 1000), " old"));
  }

  void look_at_channel() {
    const auto told = ask({"PUBSUB", "NUMSUB", std::string(keys::kUpdatesChannel)});
    if (!told.good || told.elements.size() != 2)
      return unanswered(told, "the subscribers cannot be counted", "PUBSUB");
    const auto listeners = told.elements[1].integer;
    if (listeners == 0)
      return wrong(cat("nobody listens to ", keys::kUpdatesChannel),
                   "start ltp-serve on this Redis");
    well(cat(counted(static_cast<unsigned long long>(listeners), "subscriber"), " of ",
             keys::kUpdatesChannel));
  }

  void look_at_heartbeat() {
    const auto told = ask({"GET", std::string(keys::kHeartbeat)});
    if (!told.good)
      return unanswered(told, "the heartbeat cannot be read", cat("GET ", keys::kHeartbeat));
    std::int64_t at_s = 0;
    std::from_chars(told.text.data(), told.text.data() + told.text.size(), at_s);
    if (at_s <= 0)
      return missing(cat("there is no heartbeat at ", keys::kHeartbeat),
                     "the feed does not run or has lost the broker: see what ltp-feed says");
    const auto age_s = std::max<std::int64_t>(wall_us() / 1'000'000 - at_s, 0);
    if (at_s >= wall_us() / 1'000'000 + keys::kHeartbeatLife_s)
      return wrong(cat("the heartbeat, ", at_s, ", lies in the future"),
                   "see that the clocks agree, and who else writes it, in what but seconds");
    if (age_s >= keys::kHeartbeatLife_s)
      return wrong(cat("the heartbeat is ", seconds(age_s), " old"), "see what ltp-feed says");
    well(cat("the feed was alive ", seconds(age_s), " ago"));
  }

  /// Nothing to worry about while all markets are closed.
  void missing(std::string_view what, std::string_view next) {
    open_ ? wrong(what, next) : note(cat(what, "; if that lasts: ", next));
  }

  Result<net::HttpAnswer, net::HttpFault> fetch(const instruments::HttpUrl& url,
                                                std::string resource, net::HttpHeaders headers) {
    net::HttpRequest request;
    request.tls = url.tls;
    request.host = url.host;
    request.port = url.port;
    request.resource = std::move(resource);
    request.headers = std::move(headers);
    net::HttpClient client(loop_);
    std::optional<Result<net::HttpAnswer, net::HttpFault>> got;
    client.ask(std::move(request), kPatience, [&](Result<net::HttpAnswer, net::HttpFault> answer) {
      got = std::move(answer);
      loop_.stop();
    });
    while (!got) loop_.run();
    return *std::move(got);
  }

  void look_at_server() {
    const auto url = options_.url.value_or(
        instruments::HttpUrl{.tls = false, .host = "localhost", .port = 3000, .resource = "/"});
    auto path = url.resource;
    while (path.ends_with('/')) path.pop_back();
    const auto answer = fetch(url, path + std::string(kHealthPath), {});
    const auto next = "start ltp-serve, or name it with --url http://host:port";
    if (!answer)
      return wrong(cat("no ltp-serve at ", url.label(), ": ", answer.error().text), next,
                   ExitCode::kUnavailable);
    const auto json = parse_json(answer.value().body);
    const bool known = json.is_object() && json.contains("status") && json["status"].is_string();
    if (!known) return wrong(cat("what answers at ", url.label(), " is no ltp-serve"), next);
    const auto status = printable(json["status"].get_ref<const std::string&>());
    if (status == "healthy") return well(cat("ltp-serve at ", url.label(), " is healthy"));
    const auto says = cat("ltp-serve at ", url.label(), " says: ", status);
    if (status != "error") return missing(says, "see its health answer, and what ltp-feed says");
    const bool told = json.contains("error") && json["error"].is_string();
    wrong(cat(says, told ? cat(", ", printable(json["error"].get_ref<const std::string&>())) : ""),
          "see what it says of its Redis");
  }

  void look_at_broker() {
    std::optional<account::CredentialSource> credentials;
    try {
      credentials.emplace(options_.token_file);
    } catch (const account::NoCredentials& error) {
      return note(cat("the broker is not asked: ", error.what()));
    } catch (const StartError& error) {
      const bool variable = error.fault() == Fault::kConfig;
      return wrong(error.what(), variable ? "mend the variable" : "mend the file",
                   cli::exit_code(error.fault()));
    }
    const auto base = quotes::base_url_from_environment();
    const auto answer = fetch(base, base.resource + std::string(dhan::kProfilePath),
                              dhan::rest_headers(credentials->now()));
    if (!answer)
      return wrong(cat("the broker at ", base.label(), " cannot be reached: ", answer.error().text),
                   "look at the network, or at DHANHQ_BASE_URL", ExitCode::kUnavailable);
    const auto profile = dhan::parse_profile(answer.value().status, answer.value().body);
    if (profile) return tell_profile(profile.value(), credentials->now().client_id);
    const bool refused = profile.error().kind == dhan::RestFault::Kind::kRefused;
    wrong(cat("the broker ", refused ? "refuses the token" : "gives no profile", " (",
              profile.error().text, ")"),
          refused ? "make a new one on its web site" : "try later",
          refused ? ExitCode::kRefused : ExitCode::kIncomplete);
  }

  void tell_profile(const dhan::Profile& profile, const std::string& client_id) {
    if (!profile.client_id.empty() && profile.client_id != client_id)
      return wrong("the token is that of another client id", "mend DHANHQ_CLIENT_ID",
                   ExitCode::kRefused);
    if (!profile.data_plan.empty() && profile.data_plan != "Active")
      return wrong(cat("the data plan is ", printable(profile.data_plan)),
                   "the account needs the broker's data plan", ExitCode::kRefused);
    well(cat("the broker takes the token", profile.token_until.empty() ? "" : ", until ",
             printable(profile.token_until), profile.token_until.empty() ? "" : " Indian time"));
  }

  const Options& options_;
  loop::Loop loop_;
  std::optional<redis::Client> redis_;
  std::string redis_fault_;  // of the last try to reach it
  bool redis_tried_ = false;
  bool lost_ = false;  // it has stopped answering
  bool open_ = false;
  ExitCode status_ = ExitCode::kOk;
};

}  // namespace

ExitCode examine(const Options& options) {
  return Doctor(options)();
}

}  // namespace ltp::get
