# Clients that say what a test tells them; to be loaded after programs.bash.

# talk NAME PATH [SUBPROTOCOL]: opens a WebSocket at $url; what it hears is in NAME.out.
talk() {
  rm -f "$1.in"
  mkfifo "$1.in"
  # shellcheck disable=SC2016
  start_shell "$1" 'exec node "$1" "$2" $3 <>"$4"' \
    "$BATS_TEST_DIRNAME/../node/talk.mjs" "ws${url#http}$2" "${3-}" "$1.in"
  address_of "$1" >/dev/null
}

# tell NAME MESSAGE
tell() { printf '%s\n' "$2" >"$1.in"; }


# heard NAME TEXT: whether a line of what it heard has the text in it.
heard() { grep -qF -- "$2" "$1.out"; }
# times NAME TEXT: how many have.
times() { grep -cF -- "$2" "$1.out" || true; }
