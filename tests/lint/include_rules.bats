# The include rules of ARCHITECTURE.md, and a proof that each of them can be broken.
bats_require_minimum_version 1.5.0
load include_rules

setup() { root=$BATS_TEST_DIRNAME/../..; }

@test "every include in lib and tools keeps to its room" {
  run broken_rules "$root"
  [ "$output" = '' ]
}

@test "a broken include rule is found, whichever it is" {
  cp -r "$root/lib" "$root/tools" "$BATS_TEST_TMPDIR"
  local number=0 at
  while IFS='|' read -r file line; do
    at=${file%.*}.$((number += 1)).${file##*.}  # a file of each plant's own
    printf '%s\n' "$line" >"$BATS_TEST_TMPDIR/$at"
    echo "$at:1:$line"
  done >"$BATS_TEST_TMPDIR/wanted" <<'PLANTS'
lib/redis/x.cpp|#include <uv.h>
lib/net/x.hpp|  #  include "uv.h"
tools/ltp-sim/x.cpp|#include <uv/unix.h>
tools/ltp-feed/x.cpp|#include <openssl/ssl.h>
lib/net/x.cpp|#include <openssl/ssl.h>
tools/ltp-get/x.cpp|#include <hiredis/hiredis.h>
lib/loop/x.hpp|#include <hiredis/read.h>
tools/ltp-serve/x.cpp|#include <libwebsockets.h>
lib/loop/x.cpp|#include <libwebsockets/lws-context-vhost.h>
tools/ltp-pub/x.cpp|#include <spdlog/spdlog.h>
lib/base/x.cpp|#include <spdlog/fmt/fmt.h>
tools/ltp-pub/main2.cpp|#include <CLI/CLI.hpp>
tools/ltp-pub/options.hpp2.hpp|#include <CLI/CLI.hpp>
lib/dhan/x.cpp|#include <simdjson.h>
tools/ltp-cache/x.cpp|#include <simdjson.h>
lib/dhan/x.hpp|#include <nlohmann/json.hpp>
tools/ltp-sim/x.hpp|#include <nlohmann/json_fwd.hpp>
lib/base/x.cpp|#include <nlohmann/json.hpp>
lib/tick/x.cpp|#include <nlohmann/json.hpp>
lib/dhan/x.cpp|#include <iostream>
lib/tick/x.cpp|#include <fstream>
lib/dhan/x.cpp|#include <unistd.h>
lib/tick/x.cpp|#include <sys/socket.h>
lib/dhan/x.cpp|#include <chrono>
lib/dhan/x.cpp|#include "base/clock.hpp"
lib/base/x.cpp|#include "tick/tick.hpp"
lib/tick/x.cpp|#include "loop/loop.hpp"
lib/loop/x.cpp|#include "tick/tick.hpp"
lib/redis/x.cpp|#include "net/context.hpp"
lib/net/x.cpp|#include "redis/client.hpp"
lib/tick/x.cpp|#include "json/json.hpp"
lib/json/x.hpp|#include "base/text.hpp"
lib/cli/x.cpp|#include "loop/loop.hpp"
lib/dhan/x.cpp|#include "cli/log.hpp"
lib/net/x.cpp|#include "dhan/packet.hpp"
lib/loop/x.cpp|#include "../../tools/ltp-feed/feed.hpp"
tools/ltp-sim/x.cpp|#include "../ltp-feed/feed.hpp"
tools/ltp-sim/x.cpp|  lws_write(wsi, data, n, LWS_WRITE_RAW);
tools/ltp-get/x.cpp|  redisReply* reply = nullptr;
lib/net/x.cpp|  uv_run(loop, UV_RUN_DEFAULT);
PLANTS
  # Each is found, by one rule or more, and nothing else.
  diff <(sort "$BATS_TEST_TMPDIR/wanted") <(broken_rules "$BATS_TEST_TMPDIR" | sed 's/ -- .*//' | sort -u)
}

@test "a room that nobody has given a rule is found" {
  cp -r "$root/lib" "$root/tools" "$BATS_TEST_TMPDIR"
  mkdir "$BATS_TEST_TMPDIR/lib/attic"
  run broken_rules "$BATS_TEST_TMPDIR"
  [[ $output == *'lib/attic -- a room without a rule'* ]]
}
