#include "base/text.hpp"
#include "net/server_connection.hpp"

#include <string>
#include <unordered_map>

namespace ltp::net {
namespace {

/// The library hands out methods as numbers.
std::string_view method_name(int method) noexcept {
  switch (method) {
    case LWSHUMETH_GET: return "GET";
    case LWSHUMETH_POST: return "POST";
    case LWSHUMETH_OPTIONS: return "OPTIONS";
    case LWSHUMETH_PUT: return "PUT";
    case LWSHUMETH_PATCH: return "PATCH";
    case LWSHUMETH_DELETE: return "DELETE";
    case LWSHUMETH_CONNECT: return "CONNECT";
    case LWSHUMETH_HEAD: return "HEAD";
    default: return "UNKNOWN";
  }
}

/// A part of a query that the library has decoded, so that decoding it again gives the
/// same.
void append_encoded(std::string& out, std::string_view decoded) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : decoded) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '%' || c == '&' || c == '+' || c == '#') {
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
}

/// "origin:" and its number.
const std::unordered_map<std::string, lws_token_indexes>& known_headers() {
  static const auto kKnown = [] {
    std::unordered_map<std::string, lws_token_indexes> known;
    for (int i = 0; i < WSI_TOKEN_COUNT; ++i) {
      const auto index = static_cast<lws_token_indexes>(i);
      const auto* name = reinterpret_cast<const char*>(lws_token_to_string(index));
      if (name != nullptr) known.emplace(name, index);
    }
    return known;
  }();
  return kKnown;
}

}  // namespace

/// Into a string that may have the room already.
void Connection::read_token(lws_token_indexes index, std::string& text) const {
  text.clear();
  const int size = lws_hdr_total_length(wsi_, index);
  if (size <= 0) return;
  text.resize(static_cast<std::size_t>(size) + 1);
  const int copied = lws_hdr_copy(wsi_, text.data(), size + 1, index);
  text.resize(copied > 0 ? static_cast<std::size_t>(copied) : 0);
}

std::string Connection::token(lws_token_indexes index) const {
  std::string text;
  read_token(index, text);
  return text;
}

/// The library keeps the headers that it knows by number, the others by name.
std::string Connection::header(std::string_view name) const {
  const std::string with_colon = cat(name, ":");
  const auto& known = known_headers();
  if (const auto found = known.find(with_colon); found != known.end()) return token(found->second);
  const int name_size = static_cast<int>(with_colon.size());
  const int size = lws_hdr_custom_length(wsi_, with_colon.c_str(), name_size);
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  const int copied =
      lws_hdr_custom_copy(wsi_, text.data(), size + 1, with_colon.c_str(), name_size);
  text.resize(copied > 0 ? static_cast<std::size_t>(copied) : 0);
  return text;
}

/// A blank before the colon: the library takes no length from there, another reader may.
bool Connection::has_odd_header() const {
  for (const auto* name :
       {"content-length ", "content-length\t", "transfer-encoding ", "transfer-encoding\t"})
    if (!header(name).empty()) return true;
  return false;
}

/// Then part of it is missing.
bool Connection::url_is_too_long() const {
  constexpr int kLongest = Context::Impl::kLongestUrlPart;
  char* path = nullptr;
  int path_size = 0;
  if (lws_http_get_uri_and_method(wsi_, &path, &path_size) < 0 || path_size >= kLongest)
    return true;
  if (lws_hdr_total_length(wsi_, WSI_TOKEN_HTTP_URI_ARGS) < kLongest) return false;
  for (int i = 0; i < WSI_TOKEN_COUNT; ++i)
    if (lws_hdr_fragment_length(wsi_, WSI_TOKEN_HTTP_URI_ARGS, i) >= kLongest) return true;
  return false;
}

void Connection::read_query(std::string& query) const {
  query.clear();
  // Parts may be empty ("a=1&&b=2"); each is at most as long as all of them.
  auto& part = core_.scratch;
  part.resize(static_cast<std::size_t>(lws_hdr_total_length(wsi_, WSI_TOKEN_HTTP_URI_ARGS)) + 1);
  for (int i = 0;; ++i) {
    const int size = lws_hdr_copy_fragment(wsi_, part.data(), static_cast<int>(part.size()),
                                           WSI_TOKEN_HTTP_URI_ARGS, i);
    if (size < 0) return;
    if (i > 0) query.push_back('&');
    append_encoded(query, std::string_view(part).substr(0, static_cast<std::size_t>(size)));
  }
}

/// Its views are of http_->asked.
Request Connection::request() {
  char* path = nullptr;
  int path_size = 0;
  Asked& asked = *http_->asked;
  asked.method = method_name(lws_http_get_uri_and_method(wsi_, &path, &path_size));
  asked.path.assign(path == nullptr ? "" : path, static_cast<std::size_t>(path_size));
  read_query(asked.query);
  read_token(WSI_TOKEN_HOST, asked.host);
  read_token(WSI_TOKEN_ORIGIN, asked.origin);
  read_token(WSI_TOKEN_HTTP_CONTENT_TYPE, asked.content_type);
  read_token(WSI_TOKEN_HTTP_ACCEPT, asked.accept);
  read_token(WSI_TOKEN_PROTOCOL, asked.offered);
  head_only_ = asked.method == "HEAD";
  return {.method = asked.method,
          .path = asked.path,
          .query = asked.query,
          .body = asked.body,
          .host = asked.host,
          .origin = asked.origin,
          .content_type = asked.content_type,
          .accept = asked.accept,
          .subprotocols = asked.offered,
          .peer = address_,
          .header = [this](std::string_view name) { return header(name); }};
}

}  // namespace ltp::net
