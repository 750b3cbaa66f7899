# The rooms of ARCHITECTURE.md as rules about #include lines. The compiler cannot hold
# them: Debian puts every library's headers on the system path.

# Which room may include which; "lib/x" is the room's own and always allowed.
declare -grA MAY_INCLUDE=(
  [base]=''
  [tick]='base'
  [json]=''
  [dhan]='base json tick'
  [loop]='base'
  [redis]='base loop'
  [net]='base loop'
  [cli]='base'
)

# header (as a regex) | files that may include it (as a regex) | the rule in words
declare -gr HEADERS='
uv(\.h|/)        | lib/loop/                              | only lib/loop knows libuv
openssl/         | lib/loop/                              | only lib/loop knows OpenSSL
hiredis/         | lib/redis/                             | only lib/redis knows hiredis
libwebsockets    | lib/net/                               | only lib/net knows libwebsockets
lws              | lib/net/                               | only lib/net knows libwebsockets
spdlog/          | lib/cli/                               | only lib/cli knows spdlog
CLI/             | lib/cli/[^:]*|tools/[^/]*/options\.cpp | only lib/cli and options.cpp know CLI11
simdjson         | lib/tick/                              | only lib/tick knows simdjson
nlohmann/        | [^:]*\.cpp|lib/json/                   | nlohmann stands in no header but that of lib/json
(nlohmann|CLI)/  | lib/(net|dhan|json|cli|redis|loop)/|tools/  | base and tick need no such library
(iostream|fstream|cstdio|stdio\.h|filesystem) | lib/(cli|loop|net|redis)/|tools/ | base, tick and dhan do no I/O
(unistd|fcntl|poll|netdb)\.h | lib/(base/unique_fd|cli/|loop/|net/|redis/)|tools/ | base, tick and dhan do no I/O
(sys|netinet|arpa)/ | lib/(cli|loop|net|redis)/|tools/    | base, tick and dhan do no I/O
(chrono|ctime|time\.h|base/clock\.hpp) | lib/(base|tick|loop|net|redis|cli)/|tools/ | dhan reads no clock
'

# names that need no include | files that may use them | the rule in words
declare -gr NAMES='
lws_[a-z]+\(|LWS_PRE                   | lib/net/   | only lib/net knows libwebsockets
redis(Async)?Context|redisRe(ply|ader) | lib/redis/ | only lib/redis knows hiredis
uv_[a-z]+\(                            | lib/loop/  | only lib/loop knows libuv
'

# broken_rules ROOT: each line of ROOT/lib and ROOT/tools that breaks a rule, as
# "file:line:text -- rule". Prints nothing if all hold.
broken_rules() (
  cd "$1" || return
  room_arrows
  table "$HEADERS" '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]'
  table "$NAMES" '\b'
)

# Project includes read "room/file.hpp"; a tool's own have no directory.
room_arrows() {
  local room allowed
  for room in "${!MAY_INCLUDE[@]}"; do
    allowed="$room ${MAY_INCLUDE[$room]}"
    grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "lib/$room" |
      grep -vE "\"(${allowed// /|})/" |
      grep -vE "\"[^/\"]*\"$" |
      sed "s|\$| -- lib/$room may include only: $allowed|"
  done
  grep -rnE '#[[:space:]]*include[[:space:]]*"(\.\./|tools/|ltp-)' lib tools |
    sed 's|$| -- a tool is included by nobody|'
  for room in lib/*/; do
    room=$(basename "$room")
    [[ -v MAY_INCLUDE[$room] ]] || echo "lib/$room -- a room without a rule"
  done
}

# table ROWS OPENING: for each row, the lines that match OPENING + the row's regex
# outside the row's files.
table() {
  local row what where why
  while read -r row; do
    [[ $row ]] || continue
    what=$(cut_column "$row" 1) where=$(cut_column "$row" 2) why=$(cut_column "$row" 3)
    grep -rnE --include='*.[ch]pp' "$2($what)" lib tools | grep -vE "^($where)" | sed "s|\$| -- $why|"
  done <<<"$1"
}

# Columns stand apart by ' | ', so that a regex may hold a bare bar.
cut_column() { awk -F' +[|] +' -v n="$2" '{ print $n }' <<<"$1"; }
