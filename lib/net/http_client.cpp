#include "net/http_client.hpp"

#include "base/clock.hpp"
#include "base/text.hpp"
#include "loop/errors.hpp"
#include "loop/resolver.hpp"
#include "loop/stream.hpp"
#include "loop/tls.hpp"
#include "net/http_reader.hpp"

#include <algorithm>
#include <cassert>
#include <deque>
#include <utility>

namespace ltp::net {
namespace {

using Kind = HttpFault::Kind;

constexpr std::size_t kMaxText = std::size_t{1} << 20;  // of a body that is not streamed
constexpr std::size_t kPlainAtOnce = std::size_t{64} << 10;
/// How much TLS may want to say by itself while the other side takes nothing.
constexpr std::size_t kMaxUnasked = std::size_t{64} << 10;
constexpr std::string_view kEndOfStream = "closed by the other side";  // of loop::Stream

bool is_control(char c) noexcept {
  return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
}

/// Without blanks and line ends: a part of the request line, or a header's name.
bool is_word(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return c == ' ' || c == '\t' || is_control(c);
  });
}

/// True if no part of it would be read as another. A token out of a file may hold anything.
bool is_sendable(const HttpRequest& request) {
  return is_word(request.method) && is_word(request.host) && is_word(request.resource) &&
         request.resource[0] == '/' &&
         std::all_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
           const auto& [name, value] = header;
           return is_word(name) && name.find(':') == name.npos &&
                  std::none_of(value.begin(), value.end(), is_control);
         });
}

std::string bytes_of(const HttpRequest& request) {
  const bool v6 = request.host.find(':') != std::string::npos;
  const bool default_port = request.port == (request.tls ? 443 : 80);
  std::string out = cat(request.method, " ", request.resource, " HTTP/1.1\r\nHost: ", v6 ? "[" : "",
                        request.host, v6 ? "]" : "", default_port ? "" : cat(":", request.port),
                        "\r\nConnection: close\r\nAccept-Encoding: identity\r\n");
  const bool tells_of_body =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (tells_of_body || !request.body.empty())
    out.append(cat("Content-Length: ", request.body.size(), "\r\n"));
  for (const auto& [name, value] : request.headers)
    out.append(name).append(": ").append(value).append("\r\n");
  return out.append("\r\n").append(request.body);
}

}  // namespace

struct HttpClient::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(loop::Loop& on) : loop(on), resolver(on), deadline(on, [this] { on_timeout(); }) {}

  void ask(HttpRequest wanted, loop::Ms for_all, Done on_done, Part part);
  void on_addresses(std::vector<std::string> found, const std::string& error);
  void on_timeout();
  void connect_next();
  void on_connected();
  void on_closed(const std::string& reason);
  void on_bytes(std::string_view bytes);
  void on_sealed(std::string_view bytes);
  void on_plain(std::string_view bytes);
  void on_body(std::string_view part);
  void on_end(bool whole);
  void send_sealed();
  std::string_view separator() const noexcept { return refusals.empty() ? "" : "; "; }
  void fail(Kind kind, std::string text);
  void finish(Result<HttpAnswer, HttpFault> result);
  void forget();

  loop::Loop& loop;
  loop::Resolver resolver;
  loop::Timer deadline;
  HttpRequest request;
  loop::Ms timeout{0};
  std::int64_t until_ms = 0;
  Done done;  // none: nothing is asked
  Part on_part;
  unsigned long generation = 0;       // another number: another request, or none
  std::deque<std::string> addresses;  // still to be tried
  std::string refusals;               // what those tried said
  std::unique_ptr<loop::Stream> stream;
  bool connected = false;
  std::unique_ptr<loop::Tls> tls;
  bool sent = false;  // the request
  std::optional<HttpReader> reader;
};

void HttpClient::Impl::ask(HttpRequest wanted, loop::Ms for_all, Done on_done, Part part) {
  assert(!done);
  request = std::move(wanted);
  if (request.port == 0) request.port = request.tls ? 443 : 80;
  timeout = for_all;
  until_ms = steady_ms() + for_all.count();
  done = std::move(on_done);
  on_part = std::move(part);
  deadline.start(timeout);
  if (!is_sendable(request)) {
    loop.defer([weak = weak_from_this(), mine = generation] {
      if (const auto self = weak.lock(); self && self->generation == mine)
        self->fail(Kind::kProtocol, "the request holds a line end or a blank where none may be");
    });
    return;
  }
  resolver.resolve(request.host, timeout,
                   [this](std::vector<std::string> found, const std::string& error) {
                     on_addresses(std::move(found), error);
                   });
}

void HttpClient::Impl::on_addresses(std::vector<std::string> found, const std::string& error) {
  if (found.empty())
    return fail(Kind::kResolve,
                cat("the name ", printable(request.host), " has no address: ", error));
  addresses.assign(found.begin(), found.end());
  connect_next();
}

void HttpClient::Impl::on_timeout() {
  const auto text = loop::no_answer_within(timeout);
  if (connected) return fail(Kind::kTimeout, text);
  if (stream) return fail(Kind::kTimeout, cat("no connection (", refusals, separator(), text, ")"));
  fail(Kind::kTimeout, cat("the name ", printable(request.host), " has no address: ", text));
}

void HttpClient::Impl::connect_next() {
  if (addresses.empty()) return fail(Kind::kConnect, cat("no connection (", refusals, ")"));
  // An address that never answers must leave time for those behind it.
  const auto left = std::max<std::int64_t>(until_ms - steady_ms(), 0);
  // The last one ends with the deadline.
  const loop::Ms share = addresses.size() == 1
                             ? timeout + loop::Ms{1000}
                             : loop::Ms{left / static_cast<std::int64_t>(addresses.size())};
  stream = std::make_unique<loop::Stream>(
      loop, loop::Stream::Events{.on_open = [this] { on_connected(); },
                                 .on_data = [this](std::string_view bytes) { on_bytes(bytes); },
                                 .on_closed = [this](const std::string& why) { on_closed(why); },
                                 .on_drained = {}});
  stream->open({.host = addresses.front(), .port = request.port}, share);
}

void HttpClient::Impl::on_connected() {
  const auto keep = shared_from_this();
  connected = true;
  reader.emplace(request.method, request.max_body);
  if (!request.tls) {
    sent = true;
    return stream->write(bytes_of(request));
  }
  auto made = loop::Tls::make({.ca_file = request.ca_file}, request.host);
  if (!made) return fail(Kind::kTls, made.error());
  tls = std::move(made).value();
  tls->feed({});
  send_sealed();
}

void HttpClient::Impl::on_closed(const std::string& reason) {
  const auto keep = shared_from_this();
  if (!connected) {
    refusals.append(cat(separator(), addresses.front(), ": ", reason));
    addresses.pop_front();
    return connect_next();
  }
  if (tls && !sent) return fail(Kind::kTls, cat("it broke off the start of TLS: ", reason));
  // TLS says by itself that no more comes; the end of the stream may be anybody's doing.
  on_end(!tls && reason == kEndOfStream);
}

void HttpClient::Impl::on_bytes(std::string_view bytes) {
  const auto keep = shared_from_this();
  tls ? on_sealed(bytes) : on_plain(bytes);
}

void HttpClient::Impl::on_sealed(std::string_view bytes) {
  using State = loop::Tls::State;
  const auto mine = generation;
  tls->feed(bytes);
  if (tls->state() == State::kOpen && !std::exchange(sent, true)) tls->write(bytes_of(request));
  std::string plain(kPlainAtOnce, '\0');
  while (const auto got = tls->read(plain)) {
    on_plain(std::string_view(plain).substr(0, got));
    if (generation != mine) return;
  }
  send_sealed();
  if (tls->state() == State::kEnded) return on_end(true);
  if (tls->state() == State::kBroken) return fail(Kind::kTls, tls->fault());
  if (stream->pending() > request.body.size() + kMaxUnasked)
    fail(Kind::kTls, "it asks for new keys without end");
}

void HttpClient::Impl::send_sealed() {
  stream->write(tls->sealed());
  tls->take_sealed();
}

void HttpClient::Impl::on_plain(std::string_view bytes) {
  const auto mine = generation;
  while (!bytes.empty()) {
    if (const auto part = reader->take(bytes); !part.empty()) on_body(part);
    if (generation != mine) return;
  }
  if (reader->done()) return finish(std::move(reader->answer()));
  if (const auto fault = reader->fault()) finish(*fault);
}

void HttpClient::Impl::on_body(std::string_view part) {
  auto& answer = reader->answer();
  if (on_part && answer.status == 200) {
    const auto call = on_part;  // which may end all this
    return call(part);
  }
  if (on_part && answer.body.size() + part.size() > kMaxText)
    return fail(Kind::kTooLarge,
                cat("its answer of status ", answer.status, " has more than ", kMaxText, " bytes"));
  answer.body.append(part);
}

void HttpClient::Impl::on_end(bool whole) {
  reader->end(whole);
  if (const auto fault = reader->fault()) return finish(*fault);
  finish(std::move(reader->answer()));
}

void HttpClient::Impl::fail(Kind kind, std::string text) {
  finish(HttpFault{kind, std::move(text)});
}

void HttpClient::Impl::finish(Result<HttpAnswer, HttpFault> result) {
  const auto keep = shared_from_this();
  const auto call = std::exchange(done, nullptr);
  forget();
  call(std::move(result));
}

/// Lets go of all that is under way.
void HttpClient::Impl::forget() {
  ++generation;
  done = nullptr;
  on_part = nullptr;
  deadline.stop();
  resolver.cancel();
  addresses.clear();
  refusals.clear();
  stream.reset();
  connected = sent = false;
  tls.reset();
  reader.reset();
  request = {};
}

HttpClient::HttpClient(loop::Loop& loop) : impl_(std::make_shared<Impl>(loop)) {}
HttpClient::~HttpClient() {
  impl_->forget();
}

void HttpClient::ask(HttpRequest request, loop::Ms timeout, Done done, Part on_part) {
  impl_->ask(std::move(request), timeout, std::move(done), std::move(on_part));
}

void HttpClient::cancel() {
  impl_->forget();
}

bool HttpClient::busy() const noexcept {
  return impl_->done != nullptr;
}

}  // namespace ltp::net
