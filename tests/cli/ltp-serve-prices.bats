# The prices endpoint, with a real Redis and the broker that ltp-sim is.
bats_require_minimum_version 1.5.0
load ../support/programs
load ../support/redis

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  unset DHANHQ_CLIENT_ID DHANHQ_ACCESS_TOKEN DHANHQ_BASE_URL CLIENT_ID ACCESS_TOKEN
  start_redis
}
teardown() {
  stop_all
  stop_redis
}

# serve [OPTION…]: sets url.
serve() {
  start serve "$LTP_BIN/ltp-serve" --port 0 "$@"
  url=$(address_of serve)/api/v1/current_prices
}

# broker [OPTION…]: an ltp-sim whose prices are in a file, and credentials for it.
broker() {
  printf '%s\n' '{"instrument_key":"NSE_EQ:2885","ltp":1393.4}' \
    '{"instrument_key":"NSE_EQ:11536","ltp":3021}' '{"instrument_key":"IDX_I:13","ltp":24857.3}' >prices
  start sim "$LTP_BIN/ltp-sim" --control --prices prices "$@"
  sim=$(address_of sim)
  sim=http${sim#ws}
  export DHANHQ_BASE_URL=$sim/v2 DHANHQ_CLIENT_ID=1000000001 DHANHQ_ACCESS_TOKEN=secret-canary
}

fault() { [[ $(curl -sS -d '' "$sim/control/$1") == ok ]]; }
asked() { curl -sS "$sim/control/state" | jq -c ".quotes | $1"; }

# ask QUERY [CURL OPTION…]: status and body with the time taken out.
ask() {
  curl -sS --globoff -o body -w '%{http_code} ' "${@:2}" "$url$1" &&
    sed -E 's/"timestamp":"[0-9-]{10}T[0-9:]{8}\+05:30"/"timestamp":T/' body
}
prices() { curl -sS "$url?keys=$1" | jq -c .prices; }

@test "the contract's table of requests and answers" {
  redis MSET ltp:NSE_EQ:2885 1393.4 ltp:NSE_EQ:11536 3021.0 ltp:NSE_EQ:1 0 ltp:NSE_EQ:2 '"x' >/dev/null
  serve --no-broker
  local json='content-type: application/json' form='content-type: application/x-www-form-urlencoded'
  local missing='400 {"error":"Missing '"'keys'"' parameter","timestamp":T}'
  local none='400 {"error":"No valid keys provided","timestamp":T}'
  local wrong=0 why query body type method want got options
  while IFS='|' read -r why method query type body want; do
    [[ $why ]] || continue
    options=(-X "$method")
    [[ $type != - ]] && options+=(-H "${!type}" --data-binary "$body")
    case $want in missing | none) want=${!want} ;; esac
    got=$(ask "$query" "${options[@]}")
    [[ $got == "$want" ]] || { wrong=1 && printf '%s:\n  got    %s\n  wanted %s\n' "$why" "$got" "$want"; }
  done <<'TABLE'
two keys|GET|?keys=NSE_EQ:2885,NSE_EQ:11536|-||200 {"prices":{"NSE_EQ:2885":1393.4,"NSE_EQ:11536":3021.0},"timestamp":T,"count":2,"cached_count":2,"api_fetched_count":0}
as the page asks|GET|?keys=NSE_EQ%3A2885%2CNSE_EQ%3A11536|-||200 {"prices":{"NSE_EQ:2885":1393.4,"NSE_EQ:11536":3021.0},"timestamp":T,"count":2,"cached_count":2,"api_fetched_count":0}
order of request, unknown null|GET|?keys=NSE_EQ:999999,NSE_EQ:2885|-||200 {"prices":{"NSE_EQ:999999":null,"NSE_EQ:2885":1393.4},"timestamp":T,"count":2,"cached_count":1,"api_fetched_count":0}
JSON list|POST||json|{"keys":["NSE_EQ:2885","NSE_EQ:11536"]}|200 {"prices":{"NSE_EQ:2885":1393.4,"NSE_EQ:11536":3021.0},"timestamp":T,"count":2,"cached_count":2,"api_fetched_count":0}
JSON text|POST||json|{"keys":"NSE_EQ:2885, NSE_EQ:11536"}|200 {"prices":{"NSE_EQ:2885":1393.4,"NSE_EQ:11536":3021.0},"timestamp":T,"count":2,"cached_count":2,"api_fetched_count":0}
form|POST||form|keys=NSE_EQ%3A2885|200 {"prices":{"NSE_EQ:2885":1393.4},"timestamp":T,"count":1,"cached_count":1,"api_fetched_count":0}
POST with the query|POST|?keys=NSE_EQ:2885|json|{}|200 {"prices":{"NSE_EQ:2885":1393.4},"timestamp":T,"count":1,"cached_count":1,"api_fetched_count":0}
no keys|GET||-||missing
empty|GET|?keys=|-||missing
blank|GET|?keys=%20|-||missing
empty list|POST||json|{"keys":[]}|missing
broken JSON|POST||json|{"keys":|missing
body is no object|POST||json|[1]|missing
commas and spaces|GET|?keys=,%20,|-||none
no colon|GET|?keys=RELIANCE|-||200 {"prices":{"RELIANCE":null},"timestamp":T,"count":1,"cached_count":0,"api_fetched_count":0}
unknown segment|GET|?keys=FOO:1|-||200 {"prices":{"FOO:1":null},"timestamp":T,"count":1,"cached_count":0,"api_fetched_count":0}
id is no number|GET|?keys=NSE_EQ:x|-||200 {"prices":{"NSE_EQ:x":null},"timestamp":T,"count":1,"cached_count":0,"api_fetched_count":0}
id of eleven digits|GET|?keys=NSE_EQ:00000002885|-||200 {"prices":{"NSE_EQ:00000002885":null},"timestamp":T,"count":1,"cached_count":0,"api_fetched_count":0}
same key twice|GET|?keys=NSE_EQ:2885,NSE_EQ:2885|-||200 {"prices":{"NSE_EQ:2885":1393.4},"timestamp":T,"count":1,"cached_count":1,"api_fetched_count":0}
lower case|GET|?keys=nse_eq:2885,NSE_EQ:2885|-||200 {"prices":{"nse_eq:2885":1393.4,"NSE_EQ:2885":1393.4},"timestamp":T,"count":2,"cached_count":2,"api_fetched_count":0}
blanks are trimmed|GET|?keys=%20NSE_EQ:2885%20,+NSE_EQ:11536|-||200 {"prices":{"NSE_EQ:2885":1393.4,"NSE_EQ:11536":3021.0},"timestamp":T,"count":2,"cached_count":2,"api_fetched_count":0}
a price of 0, and none|GET|?keys=NSE_EQ:1,NSE_EQ:2|-||200 {"prices":{"NSE_EQ:1":null,"NSE_EQ:2":null},"timestamp":T,"count":2,"cached_count":0,"api_fetched_count":0}
another method|DELETE|?keys=NSE_EQ:2885|-||405 {"error":"Method not allowed","timestamp":T}
another method with a body|PUT||json|{"keys":"NSE_EQ:2885"}|405 {"error":"Method not allowed","timestamp":T}
TABLE
  [ "$wrong" -eq 0 ]
  [ ! -s serve.out ]
}

@test "a list that came from a file has a line end, and all its keys an answer" {
  redis MSET ltp:IDX_I:13 24857.3 >/dev/null
  serve --no-broker
  run ask '?keys=NSE_EQ:1%0A,IDX_I:13%0A'
  [ "$output" = '200 {"prices":{"NSE_EQ:1":null,"IDX_I:13":24857.3},"timestamp":T,"count":2,"cached_count":1,"api_fetched_count":0}' ]
  # Where libwebsockets reads it, part of the list would be lost: it says so.
  run curl -sS -w ' %{http_code}' -H 'Expect: x' "$url?keys=NSE_EQ:1%0A,IDX_I:13"
  [ "$output" = 'a URL may not have %0A or %0D in it here 400' ]
}

@test "JSON of any depth is no end of the server" {
  serve --no-broker
  # repeat TIMES TEXT
  repeat() { yes "$2" | head -n "$1" | tr -d '\n'; }
  { printf '{"keys":[' && repeat 60000 '[' && repeat 60000 ']' && printf ',"NSE_EQ:1"]}'; } >deep
  run ask '' -H 'content-type: application/json' --data-binary @deep
  [[ $output == '200 {"prices":{"NSE_EQ:1":null},'* ]]
  { printf '{"keys":[' && repeat 20000 '{"a":' && printf 1 && repeat 20000 '}' && printf ']}'; } >deep
  run ask '' -H 'content-type: application/json' --data-binary @deep
  [[ $output == '400 {"error":"No valid keys provided"'* ]]
  run ask '?keys=NSE_EQ:1'
  [[ $output == 200* ]]
}

@test "who waits for an answer when the server is told to end gets it" {
  broker --fault 'quotes?late_ms=1000'
  serve
  start waits curl -sS "$url?keys=NSE_EQ:11536"
  asked_broker() { (($(asked .requests) > 0)); }
  wait_until 10 asked_broker
  stop serve
  [ "$status" -eq 0 ]
  finish waits
  [ "$status" -eq 0 ]
  [[ $(<waits.out) == *'"NSE_EQ:11536":3021'* ]]
}

@test "an error of Redis that passes does not end the sharing of turns" {
  broker
  serve
  start other "$LTP_BIN/ltp-serve" --port 0
  other=$(address_of other)/api/v1/current_prices
  redis CONFIG SET maxmemory 1 >/dev/null
  curl -sS "$url?keys=NSE_EQ:1" "$other?keys=NSE_EQ:2" >/dev/null
  said serve "does not let the broker's rate limit be shared .OOM"
  run ! said serve 'rights that ltp'
  redis CONFIG SET maxmemory 0 >/dev/null
  local before id=10
  # For 10 s each keeps to the limit by itself; then they do together.
  shared() {
    before=$(asked .too_soon)
    id=$((id + 2))
    curl -sS --no-progress-meter --parallel "$url?keys=NSE_EQ:$id" "$other?keys=NSE_EQ:$((id + 1))" >/dev/null
    [[ $(redis --raw KEYS 'ltp_quotes:*') && $(asked .too_soon) == "$before" ]]
  }
  wait_until 30 shared
  for _ in 1 2 3; do shared; done
}

@test "too much of it: 1,001 keys, a million, ten megabytes" {
  serve --no-broker
  seq -s, -f 'IDX_I:%.0f' 1 1000 >thousand
  seq -s, -f 'IDX_I:%.0f' 1 1001 >too_many
  run ask '' -H 'content-type: application/json' -d "{\"keys\":\"$(<thousand)\"}"
  [[ $output == '200 {"prices":{"IDX_I:1":null,'* ]]
  # The longest that a key can be, in a URL.
  seq -f 'NSE_CURRENCY:%.0f' 4000000001 4000001000 | paste -sd, | tr -d '\n' >longest
  run curl -sS -G --data-urlencode keys@longest "$url"
  jq -e '.count == 1000' <<<"$output"
  run ask '' -H 'content-type: application/json' -d "{\"keys\":\"$(<too_many)\"}"
  [ "$output" = '400 {"error":"Too many keys: 1001, the limit is 1000","timestamp":T}' ]
  before=$(awk '/VmHWM/ { print $2 }' "/proc/$(pid serve)/status")
  seq -s, 1 1000000 >million
  { printf 'keys=' && cat million; } >form
  run curl -sS -o /dev/null -w '%{http_code}' --data-binary @form "$url"
  [[ $output == *413* ]]
  local port=${url#http://*:} fd line  # curl itself takes no such URL
  exec {fd}<>"/dev/tcp/127.0.0.1/${port%%/*}"
  { printf 'GET /api/v1/current_prices?' && cat form && printf ' HTTP/1.1\r\nHost: h\r\n\r\n'; } >&"$fd"
  IFS= read -r -t 10 -u "$fd" line
  [[ $line == 'HTTP/1.1 414 '* ]]
  head -c 10000000 /dev/zero >zeros
  run curl -sS -o /dev/null -w '%{http_code}' -H 'content-type: application/json' --data-binary @zeros "$url"
  [[ $output == *413* ]]
  after=$(awk '/VmHWM/ { print $2 }' "/proc/$(pid serve)/status")
  ((after - before < 8000))
  [[ $(ask '?keys=IDX_I:1') == 200* ]]
}

@test "HEAD, OPTIONS, ETag and 304" {
  redis SET ltp:NSE_EQ:2885 1393.4 >/dev/null
  serve --no-broker
  run curl -sSI "$url?keys=NSE_EQ:2885"
  [[ $output == HTTP/1.1\ 200* && $output == *'content-type: application/json'* ]]
  run curl -sSi -X OPTIONS "$url"
  [[ $output == HTTP/1.1\ 204* && $output == *'allow: GET, HEAD, POST, OPTIONS'* ]]
  tag=$(curl -sSI "$url?keys=NSE_EQ:2885" | sed -nE 's/^etag: (.*)\r$/\1/p')
  [[ $tag == W/\"*\" ]]
  run curl -sSi -H "if-none-match: $tag" "$url?keys=NSE_EQ:2885"
  [[ $output == HTTP/1.1\ 304* && $output != *prices* ]]
  redis SET ltp:NSE_EQ:2885 1393.45 >/dev/null
  run curl -sSi -H "if-none-match: $tag" "$url?keys=NSE_EQ:2885"
  [[ $output == HTTP/1.1\ 200* && $output == *1393.45* ]]
}

@test "Redis away is 503, or 200 with what the server remembers" {
  serve --no-broker
  stop_redis
  wait_until 5 said serve 'is away'
  [[ $(ask '?keys=NSE_EQ:2885') == '503 {"error":"Redis cannot be reached","timestamp":T}' ]]
  stop serve
  printf '%s\n' '{"type":"screener_ltp_update","symbol":"R","instrument_key":"NSE_EQ:2885","ltp":1393.4,"segment":"NSE_EQ","security_id":"2885","ltt":"2026-01-05T10:15:29+05:30"}' >line
  mkfifo in
  start_shell serve '"$LTP_BIN/ltp-serve" --stdin --no-broker --port 0 <in'
  exec 7>in
  cat line >&7
  url=$(address_of serve)/api/v1/current_prices
  known() { [[ $(ask '?keys=NSE_EQ:2885,NSE_EQ:1') == '200 {"prices":{"NSE_EQ:2885":1393.4,"NSE_EQ:1":null},'* ]]; }
  wait_until 5 known
  run curl -sS "$url?keys=NSE_EQ:2885&detail=1"
  exec 7>&-
  jq -e '.details["NSE_EQ:2885"] | .source == "memory" and .age_ms >= 0 and .age_ms < 30000
    and .ltt == "2026-01-05T10:15:29+05:30"' <<<"$output"
}

@test "the server's own ticks count before Redis, while none can have been missed" {
  redis MSET ltp:NSE_EQ:2885 1 ltp:IDX_I:13 2 >/dev/null
  serve --no-broker
  tick() { redis PUBLISH live_ltp_updates '{"type":"screener_ltp_update","symbol":"R","instrument_key":"NSE_EQ:2885","ltp":'"$1"',"segment":"NSE_EQ","security_id":"2885"}' >/dev/null; }
  fresh() { tick 1393.4 && [[ $(prices NSE_EQ:2885,IDX_I:13) == '{"NSE_EQ:2885":1393.4,"IDX_I:13":2}' ]]; }
  wait_until 5 fresh
  redis CLIENT KILL TYPE pubsub >/dev/null
  missed() { [[ $(prices NSE_EQ:2885) == '{"NSE_EQ:2885":1}' ]]; }
  wait_until 5 missed
}

@test "pages that ask for the same at once are one question, and each gets its answer" {
  redis MSET ltp:NSE_EQ:2885 1393.4 ltp:IDX_I:13 24857.3 >/dev/null
  serve --no-broker
  local port=${url#http://*:} fds=() fd i
  port=${port%%/*}
  # say FD KEYS [HEADER]: in one write; bash itself writes line by line, and TCP holds the second
  # until the first is acknowledged.
  say() {
    printf 'GET /api/v1/current_prices?keys=%s HTTP/1.1\r\nHost: h\r\n%s\r\n' "$2" "${3-}" >request
    cat request >&"$1"
  }
  # hear FD: reads one answer with a short body, or none.
  hear() {
    local line size=0
    heard=
    while IFS= read -r -t 5 -u "$1" line && [[ $line != $'\r' ]]; do
      heard+=$line
      [[ $line != content-length:* ]] || size=$(tr -dc 0-9 <<<"$line")
    done
    ((size == 0)) || IFS= read -r -t 5 -N "$size" -u "$1" line || return
    ((size == 0)) || heard+=$line
  }
  for i in {1..8}; do
    exec {fd}<>"/dev/tcp/127.0.0.1/$port"
    fds+=("$fd")
    say "$fd" NSE_EQ:2885
    hear "$fd"
  done
  tag=$(sed -nE 's/.*etag: (W\/"[0-9]+").*/\1/p' <<<"$heard")
  mgets() { redis INFO commandstats | sed -nE 's/^cmdstat_mget:calls=([0-9]+).*/\1/p'; }
  before=$(mgets)
  send STOP serve
  # Until it has stopped it may still see a part of what comes.
  stopped() { [[ $(awk '{ print $3 }' "/proc/$(pid serve)/stat") == T ]]; }
  wait_until 5 stopped
  for i in {0..5}; do say "${fds[i]}" NSE_EQ:2885; done
  say "${fds[6]}" NSE_EQ:2885 "if-none-match: $tag"$'\r\n'
  say "${fds[7]}" IDX_I:13
  # The kernel may deliver late: all eight have to be there.
  arrived() { [[ $(awk -v at=":$(printf %04X "$port")" 'index($2, at) && $5 !~ /:0+$/' /proc/net/tcp | wc -l) == 8 ]]; }
  wait_until 5 arrived
  send CONT serve
  for i in {0..5}; do hear "${fds[i]}" && [[ $heard == *' 200 '*1393.4* ]]; done
  hear "${fds[6]}" && [[ $heard == *' 304 '* && $heard != *1393.4* ]]
  hear "${fds[7]}" && [[ $heard == *' 200 '*24857.3* ]]
  [ "$(($(mgets) - before))" -le 3 ]
}

@test "ages in the cache: by the kept line, by the life that is left, or not at all" {
  redis SET ltp:NSE_EQ:1 10 PX 20000 >/dev/null
  redis SET ltp:NSE_EQ:2 20 EX 86400 >/dev/null
  redis SET ltp:NSE_EQ:3 30.5 EX 86400 >/dev/null
  redis SET ltp_line:NSE_EQ:3 '{"ltp":30.5,"recv_us":'"$(($(date +%s%6N) - 5000000))"',"ltt":"2026-01-05T10:15:29+05:30"}' >/dev/null
  redis SET ltp_line:NSE_EQ:2 '{"ltp":19,"recv_us":1}' >/dev/null
  local at  # no time at all, or one that nobody can have received
  local -i id=10
  for at in -9223372036854775808 -1 0 9223372036854775807 18446744073709551615 "$(($(date +%s%6N) + 3600000000))"; do
    redis SET "ltp:NSE_EQ:$id" 7 PX 20000 >/dev/null
    redis SET "ltp_line:NSE_EQ:$id" '{"ltp":7,"recv_us":'"$at}" >/dev/null
    id+=1
  done
  serve --no-broker
  run curl -sS "$url?keys=NSE_EQ:10,NSE_EQ:11,NSE_EQ:12,NSE_EQ:13,NSE_EQ:14,NSE_EQ:15&detail=1"
  jq -e '[.details[] | .age_ms | . >= 10000 and . < 20000] == [true, true, true, true, true, true]' <<<"$output"
  run curl -sS "$url?keys=NSE_EQ:1,NSE_EQ:2,NSE_EQ:3,NSE_EQ:4&detail=1"
  jq -e '.details | (.["NSE_EQ:1"] | .source == "cache" and .age_ms >= 10000 and .age_ms < 15000 and .ltt == null)
    and .["NSE_EQ:2"].age_ms == null
    and (.["NSE_EQ:3"] | .age_ms >= 5000 and .age_ms < 15000 and .ltt == "2026-01-05T10:15:29+05:30")
    and (has("NSE_EQ:4") | not)' <<<"$output"
}

@test "what Redis does not have the broker is asked for, once, and Redis keeps it 30 s" {
  broker
  serve
  redis SET ltp:NSE_EQ:11536 3030.5 >/dev/null
  run ask '?keys=nse_eq:2885,IDX_I:13,NSE_EQ:11536,NSE_EQ:9999999,FOO:1'
  [ "$output" = '200 {"prices":{"nse_eq:2885":1393.4,"IDX_I:13":24857.3,"NSE_EQ:11536":3030.5,"NSE_EQ:9999999":null,"FOO:1":null},"timestamp":T,"count":5,"cached_count":3,"api_fetched_count":2}' ]
  [ "$(redis GET ltp:NSE_EQ:2885)" = 1393.4 ]
  [[ $(redis TTL ltp:NSE_EQ:2885) =~ ^(29|30)$ ]]
  [ "$(redis EXISTS ltp:NSE_EQ:9999999)" = 0 ]
  run ask '?keys=nse_eq:2885,NSE_EQ:9999999'
  [[ $output == *'"cached_count":1,"api_fetched_count":0}' ]]
  [ "$(asked '[.requests, .ids, .distinct_ids]')" = '[1,3,3]' ]
  run ! grep -r secret-canary . --include='*.err' --include='*.out'
}

@test "faults of the broker: nulls, a plain word, and no second call too soon" {
  broker
  serve
  local id=1
  # try FAULT WORDS: nulls, and the log says so.
  try() {
    fault "$1"
    nulls() { id=$((id + 1)) && [[ $(ask "?keys=BSE_EQ:$id") == 200*"\"BSE_EQ:$id\":null"* ]] && said serve "$2"; }
    wait_until 10 nulls "$1" "$2"
    fault heal
  }
  try 'quotes?kind=html&status=502' 'HTTP status 502'
  try 'quotes?kind=truncated' 'its answer is no JSON'
  works() { id=$((id + 1)) && [[ $(ask "?keys=NSE_EQ:$id") == *'"api_fetched_count":1}' ]]; }
  wait_until 10 works
  wait_until 5 said serve 'the broker gives quotes again'
  start elsewhere "$LTP_BIN/ltp-sim" --control
  local elsewhere
  elsewhere=$(address_of elsewhere)
  elsewhere=http${elsewhere#ws}
  try "quotes?kind=redirect&to=$elsewhere/v2/marketfeed/ltp" 'points elsewhere and is not followed'
  [[ $(curl -sS "$elsewhere/control/state" | jq .quotes.requests) == 0 ]]
  try 'quotes?status=500' 'HTTP status 500'
  # A price of 0 is an answer, and no price.
  fault 'quotes?kind=zero'
  local before
  before=$(asked .requests)
  answers_zero() {
    id=$((id + 1))
    [[ $(ask "?keys=MCX_COMM:$id") == *"\"MCX_COMM:$id\":null"*'"cached_count":0'* ]] && (($(asked .requests) > before))
  }
  wait_until 20 answers_zero
  [[ $(redis EXISTS "ltp:MCX_COMM:$id") == 0 ]]
  fault heal
  [[ $(asked .too_soon) == 0 ]]
  (($(asked .least_gap_ms) >= 1000))
}

@test "hundreds of random misses at once, at several servers and programs, keep to one call a second" {
  broker
  serve
  start other "$LTP_BIN/ltp-serve" --port 0
  other=$(address_of other)/api/v1/current_prices
  # Each id is missed by four requests, of both servers.
  for id in {1..125}; do
    for at in "$url" "$url" "$other" "$other"; do
      printf 'url = "%s?keys=NSE_FNO:%d,BSE_EQ:%d"\noutput = /dev/null\n' "$at" "$((RANDOM % 900 + 1000))" "$id"
    done
  done >config
  began=$(date +%s%3N)
  # shellcheck disable=SC2016 # the inner shell expands it
  start_shell gets 'for id in 1 2 3; do "$LTP_BIN/ltp-get" "MCX_COMM:$id" & done; wait'
  curl -sS --no-progress-meter --parallel --parallel-max 300 -K config -w '%{http_code}\n' >codes
  finish gets 20
  took=$(($(date +%s%3N) - began))
  [ "$(grep -c 200 codes)" = 500 ]
  [ "$(grep -c '"ltp":[0-9]' gets.out)" = 3 ]
  [ "$(asked .too_soon)" = 0 ]
  (($(asked .least_gap_ms) >= 1000))
  (($(asked .requests) <= took / 1050 + 1))
  # Two servers do not know what the other asks for at this moment; neither asks twice.
  (($(asked .ids) <= 2 * $(asked .distinct_ids)))
}

@test "500 at once that miss at random never ask the broker for an id twice" {
  broker
  serve
  for _ in {1..500}; do
    printf 'url = "%s?keys=NSE_FNO:%d,NSE_EQ:%d"\noutput = /dev/null\n' "$url" "$((RANDOM % 300 + 1))" "$((RANDOM % 300 + 1))"
  done >config
  split -n l/2 config part.
  local began took part parts=(part.*)  # curl opens 300 connections at most
  began=$(date +%s%3N)
  for part in "${parts[@]}"; do
    start "$part" curl -sS --no-progress-meter --parallel --parallel-max 300 -K "$part" -w '%{http_code}\n'
  done
  for part in "${parts[@]}"; do finish "$part" 20; done
  took=$(($(date +%s%3N) - began))
  [ "$(cat part.*.out | grep -c 200)" = 500 ]
  [ "$(asked '.too_soon')" = 0 ]
  (($(asked .requests) <= took / 1050 + 1))
  [ "$(asked .ids)" = "$(asked .distinct_ids)" ]
}

@test "a slow broker holds nobody for long" {
  broker --fault 'quotes?late_ms=20000'
  serve
  run curl -sS -o /dev/null -w '%{http_code} %{time_total}' "$url?keys=NSE_EQ:2885"
  [[ $output == 200* ]]
  awk '{ exit !($2 < 3.5) }' <<<"$output"
}

@test "429 holds back, for every server of the account" {
  broker --fault 'quotes?status=429&times=1'
  serve
  first=$url
  start other "$LTP_BIN/ltp-serve" --port 0
  other=$(address_of other)/api/v1/current_prices
  [[ $(ask '?keys=NSE_EQ:2885') == 200*null* ]]
  wait_until 5 said serve 'limits the rate of requests'
  url=$other
  held() { [[ $(prices NSE_EQ:11536) == *3021* ]]; }
  wait_until 10 held
  [ "$(asked .requests)" = 2 ]
  (($(asked .least_gap_ms) >= 1900))
  url=$first
  first_again() { [[ $(prices NSE_EQ:2885) == *1393.4* ]]; }
  wait_until 10 first_again
  [ "$(asked .too_soon)" = 0 ]
}

@test "a bad token is told plainly, and a new one is used when it is there" {
  echo good-token >right
  broker --token-file right
  unset DHANHQ_ACCESS_TOKEN
  (umask 077 && echo bad-token >token)
  serve --token-file token
  [[ $(ask '?keys=NSE_EQ:2885') == 200*null* ]]
  wait_until 5 said serve 'the broker refuses the token .*HTTP status 401.*; renew it in token'
  [[ $(asked .requests) == 0 ]]
  cp right token
  back() { [[ $(prices NSE_EQ:2885) == *1393.4* ]]; }
  wait_until 10 back
  run ! grep -E '(good|bad)-token' serve.err sim.err
}

@test "without credentials: nulls, and one warning" {
  serve
  for id in 1 2 3; do [[ $(ask "?keys=NSE_EQ:$id") == 200*null* ]]; done
  [ "$(grep -c 'DHANHQ_CLIENT_ID is not set' serve.err)" = 1 ]
}

@test "the rights to read that ltp(7) names are enough" {
  broker
  local rights
  rights=$(sed -nE 's/^\.Dl (\+.*)$/\1/p' "$BATS_TEST_DIRNAME/../../man/ltp.7")
  # shellcheck disable=SC2086 # it is a list of words
  redis ACL SETUSER reader on '>pw' resetchannels $rights
  REDIS_URL=unix://reader:pw@$redis_socket serve
  heard() { redis PUBLISH live_ltp_updates '{"type":"screener_ltp_update","symbol":"R","instrument_key":"BSE_EQ:1","ltp":7,"segment":"BSE_EQ","security_id":"1"}' >/dev/null && [[ $(prices BSE_EQ:1) == *7* ]]; }
  wait_until 5 heard
  [[ $(prices NSE_EQ:2885) == *1393.4* ]]
  [ "$(redis GET ltp:NSE_EQ:2885)" = 1393.4 ]
  curl -sS "$url?keys=NSE_EQ:2885&detail=1" | jq -e '.details["NSE_EQ:2885"].age_ms < 30000'
  run ! grep NOPERM serve.err
  run redis ACL LOG
  echo "$output"
  [[ $output != *ltp* ]]
}

@test "the broker answers also while Redis is away" {
  broker
  serve
  stop_redis
  wait_until 5 said serve 'is away'
  [[ $(ask '?keys=NSE_EQ:2885') == 200*1393.4*'"api_fetched_count":1}' ]]
  # From now on the server knows it, and since when.
  remembered() {
    [[ $(ask '?keys=NSE_EQ:2885&detail=1') == *'"api_fetched_count":0,'* ]] &&
      jq -e '.details["NSE_EQ:2885"] | .source == "memory" and .age_ms > 0 and .age_ms < 30000' body
  }
  wait_until 10 remembered
}
