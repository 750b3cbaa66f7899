#include "bench/fanout/crowd.hpp"

#include "base/clock.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t kReadAtOnce = 128 << 10;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "fanout_bench: %s: %s\n", what, std::strerror(errno));
  std::exit(74);
}

}  // namespace

void Delays::add(std::int64_t us) noexcept {
  us = std::max<std::int64_t>(us, 0);
  const auto at = us < kFine ? us : std::min(kFine + us / kCoarse_us, kFine + kCoarse - 1);
  ++counts_[static_cast<std::size_t>(at)];
  ++count_;
}

void Delays::add(const Delays& other) noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

std::int64_t Delays::at(double share) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    sum += counts_[i];
    const auto at = static_cast<std::int64_t>(i);
    if (sum > wanted) return at < kFine ? at : (at - kFine) * kCoarse_us;
  }
  return 0;
}

Crowd::Crowd(const TickLines& lines, How how)
    : lines_(lines),
      how_(std::move(how)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(kReadAtOnce) {}

// ---- connections

bool Crowd::join(std::size_t count, std::size_t at_once, std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  const auto wanted = clients_.size() + count;
  while (clients_.size() < wanted) {
    for (std::size_t i = 0; i < at_once && clients_.size() < wanted; ++i) start(clients_.size());
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (!read_until([&] { return up_ + lost_ >= clients_.size(); }, left)) return false;
  }
  return lost_ == 0;
}

void Crowd::start(std::size_t index) {
  auto client = std::make_unique<Client>();
  client->fd = ltp::UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (client->fd.get() < 0) fail("no socket");
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  there.sin_port = htons(how_.port);
  const int on = 1;
  setsockopt(client->fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(client->fd.get(), reinterpret_cast<sockaddr*>(&there), sizeof there) != 0 &&
      errno != EINPROGRESS)
    fail("cannot connect");
  client->rest =
      "GET " + how_.path(index) +
      " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      (how_.subprotocol.empty() ? "" : "Sec-WebSocket-Protocol: " + how_.subprotocol + "\r\n") +
      "\r\n";
  if (newest_) client->newest.resize(lines_.instruments());
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.ptr = client.get();
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, client->fd.get(), &event);
  clients_.push_back(std::move(client));
}

void Crowd::watch(Client& client, int operation) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &client;
  epoll_ctl(epoll_.get(), operation, client.fd.get(), &event);
}

void Crowd::drop(Client& client) {
  if (std::exchange(client.up, false)) --up_;
  ++lost_;
  client.fd.reset();
}

void Crowd::sleep(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    clients_[i]->asleep = true;
    watch(*clients_[i], EPOLL_CTL_DEL);
  }
}

void Crowd::wake() {
  for (auto& client : clients_)
    if (std::exchange(client->asleep, false)) watch(*client, EPOLL_CTL_ADD);
}

void Crowd::keep_newest() {
  newest_ = true;
  for (auto& client : clients_) client->newest.resize(lines_.instruments());
}

void Crowd::count_anew() {
  ticks_ = missing_ = conflated_ = 0;
  delays_ = {};
  longest_ping_gap_ = {};
  for (auto& client : clients_) client->ticks = 0;
}

// ---- what comes

bool Crowd::read_until(const std::function<bool()>& done, std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  std::array<epoll_event, 256> events;
  while (!done()) {
    now_ = Clock::now();
    if (now_ >= end) return false;
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 10);
    for (int i = 0; i < count; ++i) {
      auto& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!client.shaken && (events[static_cast<std::size_t>(i)].events & EPOLLOUT) != 0 &&
          client.rest.starts_with("GET ")) {
        const auto sent =
            send(client.fd.get(), client.rest.data(), client.rest.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(client.rest.size())) {
          drop(client);
          continue;
        }
        client.rest.clear();
        watch(client, EPOLL_CTL_MOD);
      }
      if ((events[static_cast<std::size_t>(i)].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        take(client);
    }
  }
  return true;
}

void Crowd::take(Client& client) {
  const auto had = client.rest.size();
  client.rest.copy(buffer_.data(), had);
  const auto count = recv(client.fd.get(), buffer_.data() + had, buffer_.size() - had, 0);
  if (count <= 0) {
    if (count == 0 || errno != EAGAIN) drop(client);
    return;
  }
  now_us_ = ltp::wall_us();
  now_ = Clock::now();
  std::string_view bytes{buffer_.data(), had + static_cast<std::size_t>(count)};
  if (!client.shaken && !take_handshake(client, bytes)) {
    client.rest.assign(bytes);
    return;
  }
  while (const auto size = take_frame(client, bytes)) bytes.remove_prefix(size);
  client.rest.assign(bytes);
}

bool Crowd::take_handshake(Client& client, std::string_view& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  if (!bytes.starts_with("HTTP/1.1 101 ")) {
    std::fprintf(stderr, "fanout_bench: the server refuses: %.*s\n", static_cast<int>(end),
                 bytes.data());
    std::exit(76);
  }
  bytes.remove_prefix(end + 4);
  client.shaken = true;
  client.last_ping = now_;
  if (how_.up_when.empty()) come_up(client);
  return true;
}

void Crowd::come_up(Client& client) {
  client.up = true;
  ++up_;
}

/// The size of the frame that `bytes` begin with; 0: it is not all here.
std::size_t Crowd::take_frame(Client& client, std::string_view bytes) {
  if (bytes.size() < 2) return 0;
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  std::size_t head = 2, size = at(1) & 0x7fu;
  if (size == 126) {
    head = 4;
    if (bytes.size() < head) return 0;
    size = static_cast<std::size_t>(at(2)) << 8 | at(3);
  } else if (size == 127) {
    head = 10;
    if (bytes.size() < head) return 0;
    size = 0;
    for (std::size_t i = 2; i < 10; ++i) size = size << 8 | at(i);
  }
  if (bytes.size() < head + size) return 0;
  const auto payload = bytes.substr(head, size);
  switch (at(0) & 0x0fu) {
    case 1: take_message(client, payload); break;
    case 9: send_frame(client, 10, payload); break;
    default: break;
  }
  return head + size;
}

void Crowd::take_message(Client& client, std::string_view payload) {
  if (payload.size() >= lines_.size() + how_.tail) {
    const auto said = lines_.read(payload.data() + payload.size() - how_.tail - lines_.size());
    ++ticks_;
    ++client.ticks;
    if (said.n < client.next_n) {
      ++backward_;
    } else {
      missing_ += said.n - client.next_n;
      client.next_n = said.n + 1;
    }
    if (newest_) client.newest[said.instrument] = said.n + 1;
    delays_.add(now_us_ - said.at_us);
    last_tick_ = now_;
    return;
  }
  if (payload == R"({"type":"welcome"})") send_frame(client, 1, how_.greeting);
  if (!client.up && !how_.up_when.empty() && payload.find(how_.up_when) != payload.npos)
    come_up(client);
  if (payload.starts_with(R"({"type":"ping")")) {
    longest_ping_gap_ = std::max(longest_ping_gap_, now_ - client.last_ping);
    client.last_ping = now_;
  }
  constexpr std::string_view kSkipped = R"("conflated","skipped":)";
  if (const auto at = payload.find(kSkipped); at != payload.npos) {
    std::uint64_t skipped = 0;
    std::from_chars(payload.data() + at + kSkipped.size(), payload.data() + payload.size(),
                    skipped);
    client.conflated += skipped;
    conflated_ += skipped;
  }
}

/// With a mask of zeros, which changes nothing.
void Crowd::send_frame(Client& client, unsigned char opcode, std::string_view payload) {
  std::string frame{static_cast<char>(0x80 | opcode)};
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    frame.push_back('\xfe');
    frame.push_back(static_cast<char>(payload.size() >> 8));
    frame.push_back(static_cast<char>(payload.size()));
  }
  frame.append(4, '\0').append(payload);
  if (send(client.fd.get(), frame.data(), frame.size(), MSG_NOSIGNAL) < 0) drop(client);
}
