# Instruments by name: the broker's instrument master, given as a file or fetched.
bats_require_minimum_version 1.5.0
load ../support/programs

setup() {
  PATH=$LTP_BIN:$PATH
  cd "$BATS_TEST_TMPDIR" || return
  unset DHANHQ_CLIENT_ID DHANHQ_ACCESS_TOKEN DHANHQ_WS_ENABLED DHANHQ_WS_MARKET_FEED_URL
  export HOME=$BATS_TEST_TMPDIR/home XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
  # Nobody listens on port 1: what asks for the broker's file by mistake fails at once.
  export DHANHQ_SCRIP_MASTER_URL=http://127.0.0.1:1/
  cat >master.csv <<'CSV'
SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME
NSE,I,13,INDEX,0,NIFTY,1.0,Nifty 50,0001-01-01,,XX,5.0000,,INDEX,X,NIFTY
NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,XX,5.0000,NA,ES,EQ,RELIANCE INDUSTRIES LTD
BSE,E,500325,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,XX,5.0000,NA,ES,A,RELIANCE INDUSTRIES LTD.
NSE,E,801,EQUITY,0,TWICE,1.0,Twice,,,XX,5.0000,NA,ES,BE,TWICE LTD
NSE,E,802,EQUITY,0,TWICE,1.0,Twice,,,XX,5.0000,NA,ES,BZ,TWICE LTD
NSE,D,48704,FUTIDX,0,NIFTY-Dec2026-FUT,75.0,NIFTY DEC FUT,2026-12-29 14:30:00,-0.01000,XX,10.0000,M,FUT,NA,
CSV
}

teardown() { stop_all; }

# start_files [KEY CERT]: serves master.csv; $url is its address then.
start_files() {
  start files node "$BATS_TEST_DIRNAME/../node/files.mjs" master.csv "$@"
  url=$(address_of files)
  export DHANHQ_SCRIP_MASTER_URL=$url/file
}
requests() { wc -l <files.out; }
has() { grep -qF "\"symbol\":\"$1\",\"instrument_id\":null,\"instrument_key\":\"$2\"" feed.out; }
kept() { echo cache/ltp/scrip-master*.csv; }

@test "ltp-feed --list turns names into lines that a watch list takes back" {
  printf 'BSE:reliance\nNSE_EQ:801 My own name\n' >list
  run --separate-stderr ltp-feed --list --master master.csv NIFTY nse_fno:nifty-dec2026-fut NSE_EQ:2885 -i list
  [ "$status" -eq 0 ]
  [ "$stderr" = '' ]
  [ "$output" = 'IDX_I:13  NIFTY
NSE_FNO:48704  NIFTY-Dec2026-FUT
NSE_EQ:2885  RELIANCE
BSE_EQ:500325  RELIANCE
NSE_EQ:801  My own name' ]
  echo "$output" >again
  ltp-feed --list -i again | diff again -
  [ "$(ltp-feed --list -i - <again | tail -n 1)" = 'NSE_EQ:801  My own name' ]
}

@test "ltp-feed names every bad name and what it may mean, and ends with 65" {
  printf 'RELIANCE\nTWICE\n' >list
  run --separate-stderr ltp-feed --list --master master.csv RELAINCE QQQQ -i list
  [ "$status" -eq 65 ]
  [ "$output" = '' ]
  [ "$stderr" = "ltp-feed: 'RELAINCE' is not in master.csv; similar are
    NSE_EQ:2885  RELIANCE  # EQ, RELIANCE INDUSTRIES LTD
    BSE_EQ:500325  RELIANCE  # A, RELIANCE INDUSTRIES LTD.
nothing like 'QQQQ' is in master.csv
list:2: 'TWICE' is ambiguous; write one of
    NSE_EQ:801  TWICE  # BE, TWICE LTD
    NSE_EQ:802  TWICE  # BZ, TWICE LTD" ]
}

@test "ltp-feed says what is wrong with a master, and warns of damaged rows" {
  run ltp-feed --list --master nowhere.csv NIFTY
  [ "$status" -eq 66 ]
  [ "$output" = 'ltp-feed: cannot open nowhere.csv (No such file or directory)' ]
  echo '<html>' >page.csv
  run ltp-feed --list --master page.csv NIFTY
  [ "$status" -eq 65 ]
  [[ $output == 'ltp-feed: page.csv is no instrument master: '* ]]
  sed 's/SEM_SERIES/SEM_CEREAL/' master.csv >less.csv
  run ltp-feed --list --master less.csv NIFTY
  [ "$status" -eq 65 ]
  [ "$output" = 'ltp-feed: less.csv has no column SEM_SERIES' ]
  head -c -40 master.csv >cut.csv
  run --separate-stderr ltp-feed --list --master cut.csv NIFTY
  [ "$status" -eq 0 ]
  [ "$stderr" = 'ltp-feed: cut.csv: passed over 1 damaged row' ]
}

@test "ltp-feed fetches the master once a day, and only for names" {
  start_files
  run --separate-stderr ltp-feed --list NSE_EQ:2885
  [ "$output" = NSE_EQ:2885 ]
  [ "$(requests)" -eq 0 ]

  run --separate-stderr ltp-feed --list RELIANCE NSE_EQ:801
  [ "$status" -eq 0 ]
  [ "$output" = 'NSE_EQ:2885  RELIANCE
NSE_EQ:801  TWICE' ]
  [ "$stderr" = "ltp-feed: fetching the instrument master from $url/file" ]
  cmp master.csv "$(kept)"
  [ "$(cat files.out)" = 'GET /file' ]

  run --separate-stderr ltp-feed --list NIFTY
  [ "$output" = 'IDX_I:13  NIFTY' ]
  [ "$stderr" = '' ]
  [ "$(requests)" -eq 1 ]

  touch -d '25 hours ago' "$(kept)"
  ltp-feed --list NIFTY
  [ "$(requests)" -eq 2 ]
  touch -d '1 hour' "$(kept)"  # a clock that was wrong
  ltp-feed --list NIFTY
  [ "$(requests)" -eq 3 ]
}

@test "ltp-feed keeps the old master when fetching fails, but not for derivatives" {
  local bad
  start_files
  for bad in cut 503 404; do
    export DHANHQ_SCRIP_MASTER_URL=$url/$bad
    run --separate-stderr ltp-feed --list RELIANCE
    [ "$status" -eq 69 ]
    [[ $stderr == *"ltp-feed: cannot fetch the instrument master from $url/$bad ("*'); write instruments as SEGMENT:ID, or give a file with --master' ]]
  done
  run ! compgen -G 'cache/ltp/*.csv'
  run ! compgen -G 'cache/ltp/*.part'

  DHANHQ_SCRIP_MASTER_URL=$url/file ltp-feed --list NIFTY
  cp "$(kept)" good
  stop files
  export DHANHQ_SCRIP_MASTER_URL=$url/file
  touch -d '3 days ago' "$(kept)"
  run --separate-stderr ltp-feed --list RELIANCE NIFTY
  [ "$status" -eq 0 ]
  [[ $stderr == *"ltp-feed: cannot fetch the instrument master from $url/file ("*'); going on with an older one' ]]
  run --separate-stderr ltp-feed --list RELIANCE NSE_FNO:NIFTY-Dec2026-FUT
  [ "$status" -eq 69 ]
  [[ $stderr == *"'NSE_FNO:NIFTY-Dec2026-FUT' is a derivative, whose id may be another's by now; write it as SEGMENT:ID, or give a file of today with --master" ]]
  touch -d '8 days ago' "$(kept)"
  run ltp-feed --list NIFTY
  [ "$status" -eq 69 ]
  cmp good "$(kept)"
}

@test "ltp-feed follows a redirect to the master" {
  start_files
  DHANHQ_SCRIP_MASTER_URL=$url/moved ltp-feed --list NIFTY
  [ "$(cat files.out)" = 'GET /moved
GET /file' ]
}

@test "ltp-feed fetches over TLS from whom an authority vouches for, and leaves TLS for nobody" {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
  start_files key.pem cert.pem
  url=${url/127.0.0.1/localhost}
  export DHANHQ_SCRIP_MASTER_URL=$url/file
  SSL_CERT_FILE=/dev/null run ltp-feed --list NIFTY
  [ "$status" -eq 69 ]
  [[ $output == *"cannot fetch the instrument master from $url/file ("*certificate* ]]
  [ "$(requests)" -eq 0 ]

  export SSL_CERT_FILE=$PWD/cert.pem
  DHANHQ_SCRIP_MASTER_URL=$url/plain run ltp-feed --list NIFTY
  [ "$status" -eq 69 ]
  [[ $output == *"(it points to ${url/https/http}/file, without TLS); "* ]]
  run --separate-stderr ltp-feed --list NIFTY
  [ "$status" -eq 0 ]
  [ "$output" = 'IDX_I:13  NIFTY' ]
}

@test "many ltp-feeds at once fetch the master once, and all get it whole" {
  local i
  start_files
  for i in {1..12}; do start "feed$i" ltp-feed --list RELIANCE; done
  for i in {1..12}; do
    finish "feed$i" 20
    [ "$status" -eq 0 ]
    [ "$(cat "feed$i.out")" = 'NSE_EQ:2885  RELIANCE' ]
  done
  [ "$(requests)" -eq 1 ]
}

@test "ltp-feed says what to do when there is no place to keep the master" {
  unset XDG_CACHE_HOME
  run env -u HOME ltp-feed --list NIFTY
  [ "$status" -eq 78 ]
  [ "$output" = 'ltp-feed: names need the instrument master, and neither XDG_CACHE_HOME nor HOME says where to keep it; set one, or give the file with --master' ]
  XDG_CACHE_HOME=/proc/nowhere run ltp-feed --list NIFTY
  [ "$status" -eq 74 ]
  [[ $output == 'ltp-feed: cannot keep the instrument master at /proc/nowhere/ltp ('*'); set XDG_CACHE_HOME, or give the file with --master' ]]
  DHANHQ_SCRIP_MASTER_URL=https://name:canary@mirror/ run ltp-feed --list NIFTY
  [ "$status" -eq 78 ]
  [[ $output == 'ltp-feed: DHANHQ_SCRIP_MASTER_URL: '* ]]
  run ! grep -F canary <<<"$output"
}

@test "ltp-feed subscribes what a name means, and its ticks have the symbol" {
  start sim ltp-sim
  export DHANHQ_CLIENT_ID=1 DHANHQ_ACCESS_TOKEN=none
  start feed ltp-feed --url "$(address_of sim)" --master master.csv nifty NSE_EQ:2885
  wait_until 10 has NIFTY IDX_I:13
  wait_until 10 has RELIANCE NSE_EQ:2885
}

@test "ltp-feed looks new names up on SIGHUP, and keeps what it has if one is bad" {
  start sim ltp-sim
  start_files
  export DHANHQ_CLIENT_ID=1 DHANHQ_ACCESS_TOKEN=none
  echo NSE_EQ:2885 >list
  start feed ltp-feed --url "$(address_of sim)" -i list
  wait_until 10 has NSE_EQ:2885 NSE_EQ:2885
  printf 'NSE_EQ:2885\nQQQQ\n' >list
  send HUP feed
  wait_until 10 said feed "list:2: nothing like 'QQQQ' is in .*; what was read before stays in use"
  printf 'NSE_EQ:2885\nNIFTY\n' >list
  send HUP feed
  wait_until 10 has NIFTY IDX_I:13
  wait_until 10 has RELIANCE NSE_EQ:2885
  [ "$(requests)" -eq 1 ]
}
