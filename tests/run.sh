#!/usr/bin/env bash
# Builds everything and runs every test. On a bare Debian 12 this is all it takes.
#
#   tests/run.sh               install what is missing, build, test
#   tests/run.sh --build-only  stop after the build
#
# The last line reads "N passed, N failed", what failed stands before it by name; the status
# is 0 only if nothing failed.
# Unit and command-line tests run under AddressSanitizer and UndefinedBehaviorSanitizer;
# any report, also of a program in the background, is a failure. The end-to-end tests
# run twice: so, and with the release programs that people use.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source examples/setup.bash

readonly TEST_PACKAGES=(catch2 bats redis-server mandoc shellcheck curl jq openssl procps tmux chromium)

# Most tests wait more than they work.
readonly AT_ONCE=$((2 * $(nproc)))

passed=0
failed=0
names=()    # of what failed
details=()  # the first lines of what it said

main() {
  local build_only=no
  case "${1-}" in
    '') ;;
    --build-only) build_only=yes ;;
    -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
    *) die 64 "unknown argument '$1'; see --help" ;;
  esac

  one_at_a_time "$@"
  install_everything
  build release "${PROGRAMS[@]}"
  build asan
  [[ $build_only == no ]] || exit 0

  watch_sanitizers
  run_ctest
  # Those that take longest begin first.
  add_files asan tests/cli/ltp-feed-faults.bats tests/e2e/*.bats
  add_files release tests/e2e/*.bats
  add_files asan tests/cli/*.bats tests/lint/*.bats
  run_files 'command line, end to end, lint' "$AT_ONCE"
  add_files release tests/page/*.bats
  run_files 'the page, in Chromium' 1  # it measures frames
  count_reports

  tell_failures
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}

# Once more, for who reads the end of a long log.
tell_failures() {
  ((${#names[@]} > 0)) || return 0
  ((${#details[@]} == 0)) || printf '%s\n' "${details[@]}"
  printf 'failed: %s\n' "${names[@]}"
}

# Two runs in one tree would write over each other's programs and reports.
one_at_a_time() {
  [[ -z ${LTP_TESTS_LOCKED-} ]] || return 0
  mkdir -p build
  flock --nonblock build/tests.lock true || say "another run is under way; waiting for its end"
  LTP_TESTS_LOCKED=yes exec flock --close build/tests.lock tests/run.sh "$@"
}

install_everything() {
  local -a packages=("${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}")
  # By command, not by package: Node.js often comes from elsewhere than Debian.
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
  install_packages "${packages[@]}"
  install_node_modules
  install_page_parts
}

install_node_modules() {
  local lock=tests/node/package-lock.json installed=tests/node/node_modules/.installed.json
  cmp -s "$lock" "$installed" && return
  say "installing the test clients of $lock"
  npm ci --prefix tests/node --no-audit --no-fund >&2 || die 69 "npm could not install $lock"
  cp "$lock" "$installed"
}

# A report goes to a file, so that none is lost with the stderr of a background program.
watch_sanitizers() {
  reports=$PWD/build/asan/reports
  rm -rf "$reports"
  mkdir -p "$reports"
  export ASAN_OPTIONS=log_path=$reports/asan:exitcode=99:detect_stack_use_after_return=1
  export UBSAN_OPTIONS=log_path=$reports/ubsan:print_stacktrace=1
}

count_reports() {
  local report
  for report in "$reports"/*; do
    [[ -e $report ]] || continue
    say "sanitizer report $report"
    head -n 60 "$report" >&2
    failed=$((failed + 1))
    names+=("sanitizer report $report")
  done
}

# A runner that fails without naming a failed test has failed all the same.
add_up() {
  local name=$1 status=$2 good=$3 bad=$4
  if ((status != 0 && bad == 0)); then
    names+=("$name: status $status")
    bad=1
  elif ((good + bad == 0)); then
    names+=("$name: no test ran")
    bad=1
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
}

# note_names SED-SCRIPT LOG
note_names() {
  local found
  mapfile -t found < <(sed -nE "$1" "$2")
  names+=("${found[@]}")
}

run_ctest() {
  local log=build/asan/ctest.log status=0 good bad
  say 'unit tests'
  ctest --test-dir build/asan --output-on-failure -j "$(nproc)" | tee "$log" || status=$?
  good=$(grep -acE '^ *[0-9]+/[0-9]+ Test .* Passed ' "$log" || true)
  bad=$(grep -acE '^ *[0-9]+/[0-9]+ Test .*\*\*\*' "$log" || true)
  note_names 's|^ *[0-9]+/[0-9]+ Test +#[0-9]+: ([^ ]+) .*\*\*\*.*|\1|p' "$log"
  add_up 'unit tests' "$status" "$good" "$bad"
}

# add_files PRESET FILE…: to be run with the programs of that preset, each once.
files=()
add_files() {
  local file
  for file in "${@:2}"; do
    [[ " ${files[*]-} " == *" $1:$file "* ]] || files+=("$1:$file")
  done
}

# run_files NAME JOBS: the files that were added, so many side by side; the tests of one
# file one after the other. What a file said is shown when it has ended.
run_files() {
  local name=$1 jobs=$2 logs=build/asan/bats file log good bad
  say "$name"
  rm -rf "$logs"
  mkdir -p "$logs"
  export -f run_file
  printf '%s\n' "${files[@]}" | xargs -P "$jobs" -I{} bash -c 'run_file "$@"' _ "$logs" {} || true
  for file in "${files[@]}"; do
    log=$logs/${file//\//,}
    good=$(grep -ac '^ok ' "$log" || true)
    bad=$(grep -ac '^not ok ' "$log" || true)
    note_names "s|^not ok [0-9]+ (.*)|$file: \\1|p" "$log"
    ((bad == 0)) || details+=("$(awk '/^not ok/ { left = 30 } !/^(#|not ok)/ { left = 0 } left-- > 0' "$log")")
    add_up "$file" "$(cat "$log.status" || echo 1)" "${good:-0}" "${bad:-0}"
  done
  files=()
}

# run_file LOGS PRESET:FILE
run_file() {
  local log=$1/${2//\//,} file=${2#*:} status=0
  [[ $2 == asan:* ]] && LTP_BIN=$PWD/build/asan/bin || LTP_BIN=$PWD/build/bin
  export LTP_BIN
  bats --tap --timing --print-output-on-failure "$file" </dev/null >"$log" 2>&1 || status=$?
  echo "$status" >"$log.status"
  flock "$1" sed "1i# $2" "$log"
}

main "$@"
