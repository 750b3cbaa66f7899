#include "net/response_head.hpp"

#include "base/text.hpp"

namespace ltp::net {
namespace {

constexpr std::size_t kHeadRoom = 768;  // what the head of an answer takes, about

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
}

bool has_body(int status) noexcept {
  return status != 204 && status != 304;
}

}  // namespace

void append_header(std::string& out, std::string_view name, std::string_view value) {
  if (value.find('\r') == value.npos && value.find('\n') == value.npos)
    out.append(name).append(": ").append(value).append("\r\n");
}

std::string response_head(const Response& response, std::optional<std::size_t> body_size,
                          const HeadExtras& extras) {
  std::string out;
  out.reserve(kHeadRoom + response.body.size());
  out.append("HTTP/1.1 ").append(cat(response.status)).append(" ");
  out.append(reason_phrase(response.status)).append("\r\n");
  if (has_body(response.status)) {
    append_header(out, "content-type", response.content_type);
    if (body_size) append_header(out, "content-length", cat(*body_size));
  }
  out.append(extras.always);
  for (const auto& [name, value] : extras.own) append_header(out, name, value);
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  if (extras.closes) append_header(out, "connection", "close");
  return out.append("\r\n");
}

std::string whole_response(const Response& response, bool head_only, const HeadExtras& extras) {
  auto out = response_head(response, response.body.size(), extras);
  if (!head_only && has_body(response.status)) out.append(response.body);
  return out;
}

}  // namespace ltp::net
