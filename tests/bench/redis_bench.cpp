// A client's pipeline beside redis-cli --pipe: the same SETEX commands, each a new price,
// over the REDIS_URL that is given, which has to be of a Redis that may be written to.
#include "loop/loop.hpp"
#include "redis/client.hpp"
#include "redis/codec.hpp"
#include "rounds.hpp"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int kCommands = 1'000'000;
constexpr std::size_t kMaxUnanswered = 100'000;

struct Price {
  std::string key;
  std::string value;
};

std::vector<Price> make_prices() {
  std::vector<Price> prices(kCommands);
  for (int i = 0; i < kCommands; ++i) {
    prices[static_cast<std::size_t>(i)] = {"ltp:NSE_EQ:" + std::to_string(i % 1000),
                                           std::to_string(100 + i) + ".05"};
  }
  return prices;
}

std::string resp_of(const std::vector<Price>& prices) {
  std::string bytes;
  for (const auto& price : prices) {
    const std::string_view words[] = {"SETEX", price.key, "30", price.value};
    ltp::redis::append_command(bytes, words);
  }
  return bytes;
}

void pipeline(const ltp::redis::Address& address, const std::vector<Price>& prices) {
  ltp::loop::Loop loop;
  std::size_t next = 0;
  ltp::redis::Client* sender = nullptr;
  const std::function<void()> send_more = [&] {
    while (next < prices.size() && sender->unanswered() < kMaxUnanswered) {
      const auto& price = prices[next++];
      const std::string_view words[] = {"SETEX", price.key, "30", price.value};
      sender->command(words, [&](const ltp::redis::Reply* reply) {
        if (reply == nullptr || reply->is_error()) std::abort();
        if (next < prices.size() && sender->unanswered() < kMaxUnanswered / 2) send_more();
        if (next == prices.size() && sender->unanswered() == 0) loop.stop();
      });
    }
  };
  ltp::redis::Client client(loop, address, "redis_bench",
                            {.on_up = [&] { send_more(); },
                             .on_down =
                                 [](const std::string& reason, ltp::loop::Ms) {
                                   std::fprintf(stderr, "%s\n", reason.c_str());
                                   std::exit(1);
                                 },
                             .on_drained = {}});
  sender = &client;
  client.start();
  loop.run();
}

void codec(const std::vector<Price>& prices, const std::string& answers) {
  const auto bytes = resp_of(prices);
  ltp::redis::ReplyReader reader;
  int count = 0;
  reader.feed(answers, [&](const ltp::redis::Reply&) { return ++count > 0; });
  if (bytes.empty() || count != kCommands) std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  const auto address = ltp::redis::parse_address(argc == 2 ? argv[1] : "");
  if (!address || address.value().tls || !address.value().sentinels.empty()) {
    std::fprintf(stderr, "usage: redis_bench redis://HOST:PORT | unix:///PATH\n");
    return 64;
  }
  const auto prices = make_prices();
  const std::string file = "redis_bench.resp";
  std::ofstream(file, std::ios::binary) << resp_of(prices);
  const auto& a = address.value();
  const auto where =
      a.path.empty() ? "-h " + a.host + " -p " + std::to_string(a.port) : "-s '" + a.path + "'";
  const auto cli = "redis-cli " + where + " --pipe <" + file + " >/dev/null";
  std::string answers;
  for (int i = 0; i < kCommands; ++i) answers += "+OK\r\n";

  compare("SETEX", kCommands,
          {{"redis-cli --pipe, commands made before",
            [&] {
              if (std::system(cli.c_str()) != 0) std::exit(1);
            }},
           {"redis::Client, commands made on the way", [&] { pipeline(a, prices); }},
           {"its codec alone", [&] { codec(prices, answers); }}});
  std::remove(file.c_str());
}
