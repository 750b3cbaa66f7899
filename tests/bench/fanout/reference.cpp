// What fanout_bench measures ltp-serve against: the least that a program can do that gives
// each line of its standard input to every client. One thread and epoll; a line is framed
// once; what has come in one read goes to each client in one send.
//
//   fanout_reference [--each] [PREFIX SUFFIX]
//
// --each: one send for each line. PREFIX and SUFFIX stand round a line in its frame. There
// is no parsing, no choice of instruments, no latest value, and no end of what is kept for
// a client that does not read. The handshake is answered whatever was asked for.

#include "base/unique_fd.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

struct Client {
  ltp::UniqueFd fd;
  std::string request;  // until the handshake is through
  std::string held;     // what the kernel did not take
  bool up = false;
};

class Reference {
 public:
  Reference(bool each, std::string prefix, std::string suffix)
      : each_(each), prefix_(std::move(prefix)), suffix_(std::move(suffix)) {
    listen_anywhere();
    watch(STDIN_FILENO, EPOLL_CTL_ADD, EPOLLIN);
    watch(listener_.get(), EPOLL_CTL_ADD, EPOLLIN);
  }

  void run() {
    std::vector<epoll_event> events(1024);
    while (!ended_) {
      const int count =
          epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
    }
  }

 private:
  void listen_anywhere() {
    listener_ = ltp::UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    bind(listener_.get(), reinterpret_cast<sockaddr*>(&here), size);
    listen(listener_.get(), 4096);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&here), &size);
    std::fprintf(stderr, "fanout_reference: listening on http://127.0.0.1:%d/\n",
                 ntohs(here.sin_port));
  }

  void watch(int fd, int operation, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    epoll_ctl(epoll_.get(), operation, fd, &event);
  }

  void handle(const epoll_event& event) {
    if (event.data.fd == STDIN_FILENO) return take_input();
    if (event.data.fd == listener_.get()) return accept_all();
    const auto found = clients_.find(event.data.fd);
    if (found == clients_.end()) return;
    Client& client = *found->second;
    if ((event.events & EPOLLOUT) != 0) send_held(client);
    if ((event.events & EPOLLIN) != 0) take_bytes(client);
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto client = std::make_unique<Client>();
      client->fd = ltp::UniqueFd(fd);
      clients_.emplace(fd, std::move(client));
      watch(fd, EPOLL_CTL_ADD, EPOLLIN);
    }
  }

  void take_bytes(Client& client) {
    char bytes[4096];
    const auto count = recv(client.fd.get(), bytes, sizeof bytes, 0);
    if (count <= 0) {
      if (count < 0 && errno == EAGAIN) return;
      clients_.erase(client.fd.get());
      return;
    }
    if (client.up) return;  // subscriptions and pongs mean nothing here
    client.request.append(bytes, static_cast<std::size_t>(count));
    if (client.request.find("\r\n\r\n") == std::string::npos) return;
    send_to(client,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
                accept_key(client.request) + "\r\n\r\n");
    client.request = {};
    client.up = true;
    // So that a client of ActionCable says what it says elsewhere too: whoever has spoken
    // acknowledges what it hears in another rhythm.
    if (!prefix_.empty()) send_to(client, "\x81\x12{\"type\":\"welcome\"}");
  }

  static std::string accept_key(const std::string& request) {
    constexpr std::string_view kName = "Sec-WebSocket-Key: ";
    const auto at = request.find(kName);
    if (at == std::string::npos) return "";
    const auto text =
        request.substr(at + kName.size(), 24) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
    char base64[32];
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64), digest, sizeof digest);
    return base64;
  }

  void take_input() {
    const auto count = read(STDIN_FILENO, block_, sizeof block_);
    if (count <= 0) {
      ended_ = true;
      return;
    }
    rest_.append(block_, static_cast<std::size_t>(count));
    std::string_view left = rest_;
    frames_.clear();
    for (std::size_t end; (end = left.find('\n')) != std::string_view::npos;) {
      append_frame(left.substr(0, end));
      left.remove_prefix(end + 1);
      if (each_) give();
    }
    rest_.erase(0, rest_.size() - left.size());
    give();
  }

  void append_frame(std::string_view line) {
    const auto size = prefix_.size() + line.size() + suffix_.size();
    frames_.push_back('\x81');
    if (size < 126) {
      frames_.push_back(static_cast<char>(size));
    } else {
      frames_.push_back('\x7e');
      frames_.push_back(static_cast<char>(size >> 8));
      frames_.push_back(static_cast<char>(size));
    }
    frames_.append(prefix_).append(line).append(suffix_);
  }

  void give() {
    if (frames_.empty()) return;
    for (const auto& [fd, client] : clients_)
      if (client->up) send_to(*client, frames_);
    frames_.clear();
  }

  void send_to(Client& client, std::string_view bytes) {
    if (!client.held.empty()) {
      client.held.append(bytes);
      return;
    }
    const auto sent = send(client.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    const auto taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (taken == bytes.size()) return;
    client.held.assign(bytes.substr(taken));
    watch(client.fd.get(), EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  }

  void send_held(Client& client) {
    const auto sent = send(client.fd.get(), client.held.data(), client.held.size(), MSG_NOSIGNAL);
    if (sent > 0) client.held.erase(0, static_cast<std::size_t>(sent));
    if (client.held.empty()) watch(client.fd.get(), EPOLL_CTL_MOD, EPOLLIN);
  }

  const bool each_;
  const std::string prefix_, suffix_;
  ltp::UniqueFd epoll_{epoll_create1(EPOLL_CLOEXEC)};
  ltp::UniqueFd listener_;
  std::unordered_map<int, std::unique_ptr<Client>> clients_;
  char block_[64 << 10];
  std::string rest_, frames_;
  bool ended_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  const bool each = argc > 1 && std::strcmp(argv[1], "--each") == 0;
  const int words = argc - (each ? 1 : 0);
  if (words != 1 && words != 3) return 64;
  auto reference = words == 3 ? std::make_unique<Reference>(each, argv[argc - 2], argv[argc - 1])
                              : std::make_unique<Reference>(each, "", "");
  reference->run();
}
