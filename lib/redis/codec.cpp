#include "redis/codec.hpp"

#include <hiredis/read.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory_resource>

namespace ltp::redis {
namespace {

/// "*3\r\n", or "$5\r\n"; returns the end.
char* put_header(char* at, char type, std::size_t number) {
  *at++ = type;
  at = std::to_chars(at, at + 20, number).ptr;
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

}  // namespace

void append_command(std::string& out, std::span<const std::string_view> words) {
  // What stands between two words goes in at one stroke.
  char between[64];
  char* end = put_header(between, '*', words.size());
  for (const auto word : words) {
    end = put_header(end, '$', word.size());
    out.append(between, end).append(word);
    end = between;
    *end++ = '\r';
    *end++ = '\n';
  }
  out.append(between, end);
}

/// hiredis finds where things begin and end; what it finds goes straight into one
/// Reply, used again and again, so that "+OK" costs no allocation.
struct ReplyReader::Impl {
  // hiredis moves what is left of its buffer for each KiB it has read of it: small
  // slices keep that short.
  static constexpr std::size_t kSlice = std::size_t{16} << 10;
  static constexpr std::size_t kMaxLine = std::size_t{64} << 10;

  static Impl& of(const redisReadTask* task) { return *static_cast<Impl*>(task->privdata); }

  Reply* place(const redisReadTask* task, Reply::Kind kind) {
    Reply& reply =
        task->parent == nullptr
            ? root
            : static_cast<Reply*>(task->parent->obj)->elements[static_cast<std::size_t>(task->idx)];
    reply.kind = kind;
    return &reply;
  }

  static void* make_string(const redisReadTask* task, char* bytes, std::size_t size) {
    const auto kind = task->type == REDIS_REPLY_ERROR    ? Reply::Kind::kError
                      : task->type == REDIS_REPLY_STATUS ? Reply::Kind::kStatus
                                                         : Reply::Kind::kString;
    auto& self = of(task);
    auto* copy = static_cast<char*>(self.texts.allocate(std::max<std::size_t>(size, 1), 1));
    std::memcpy(copy, bytes, size);
    Reply* reply = self.place(task, kind);
    reply->text = {copy, size};
    return reply;
  }

  static void* make_array(const redisReadTask* task, int elements) {
    auto& self = of(task);
    const auto count = static_cast<std::size_t>(elements);
    if (elements < 0 || count > kMaxElements - self.elements) return nullptr;
    self.elements += count;
    Reply* reply = self.place(task, Reply::Kind::kArray);
    reply->elements.resize(count);
    return reply;
  }

  static void* make_integer(const redisReadTask* task, long long value) {
    Reply* reply = of(task).place(task, Reply::Kind::kInteger);
    reply->integer = value;
    return reply;
  }

  static void* make_nil(const redisReadTask* task) {
    return of(task).place(task, Reply::Kind::kNil);
  }

  /// A line that never ends would be searched anew from its beginning each time.
  bool endless_line() const {
    const auto waiting = reader->len - reader->pos;
    if (waiting <= kMaxLine || reader->ridx < 0) return false;
    const bool long_string = reader->rstack[reader->ridx].type == REDIS_REPLY_STRING;
    return !long_string || std::memchr(reader->buf + reader->pos, '\r', 32) == nullptr;
  }

  void forget_reply() {
    texts.release();
    root.text = {};
    root.integer = 0;
    root.elements.clear();
    if (elements > 64) root.elements.shrink_to_fit();
    elements = 0;
    bytes_of_reply = 0;
  }

  redisReplyObjectFunctions functions{make_string, make_array, make_integer, make_nil,
                                      [](void*) {}};
  std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader{
      redisReaderCreateWithFunctions(&functions), redisReaderFree};
  std::array<std::byte, 4096> first_texts;
  std::pmr::monotonic_buffer_resource texts{first_texts.data(), first_texts.size()};
  Reply root;
  std::size_t elements = 0;
  std::size_t bytes_of_reply = 0;
};

ReplyReader::ReplyReader() : impl_(std::make_unique<Impl>()) {
  impl_->reader->privdata = impl_.get();
  impl_->reader->maxbuf = 2 * Impl::kSlice;  // keeps its buffer from one slice to the next
}
ReplyReader::~ReplyReader() = default;

ReplyReader::Fed ReplyReader::feed(std::string_view bytes, const OnReply& on_reply) {
  auto& self = *impl_;
  while (!bytes.empty()) {
    const auto slice = bytes.substr(0, Impl::kSlice);
    bytes.remove_prefix(slice.size());
    redisReaderFeed(self.reader.get(), slice.data(), slice.size());
    self.bytes_of_reply += slice.size();
    for (;;) {
      void* reply = nullptr;
      if (redisReaderGetReply(self.reader.get(), &reply) != REDIS_OK) return Fed::kBroken;
      if (reply == nullptr) break;
      const bool go_on = on_reply(*static_cast<const Reply*>(reply));
      self.forget_reply();
      if (!go_on) return Fed::kStopped;
    }
    if (self.bytes_of_reply > kMaxReply || self.endless_line()) return Fed::kBroken;
  }
  return Fed::kAll;
}

}  // namespace ltp::redis
