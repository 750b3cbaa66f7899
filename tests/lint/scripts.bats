# Scripts, and what no file of the tree may hold.

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

# Every text file that is ours; a tree without git (an unpacked archive) works too.
our_files() {
  find . \( -name .git -o -path ./build -o -name node_modules \) -prune -o -type f -print
}

@test "shellcheck finds nothing in any script or test" {
  our_files | grep -E '(\.(sh|bash|bats)|/\.ci/run)$' | xargs -d '\n' -P "$(nproc)" -n 4 nice shellcheck -x
}

@test "every script can be started" {
  local script
  for script in $(our_files | grep -E '(\.sh|/\.ci/run)$'); do
    echo "$script"
    [ -x "$script" ]
  done
}

@test "a test waits for a condition, never for a number of seconds" {
  run grep -rnE --include='*.bats' '^[^#]*\bsleep [0-9]' tests
  [ "$output" = '' ]
}

@test "no path of the machine it was written on is in the tree" {
  local here=${PWD%/*}/
  if [ "$here" = / ] || [ "$here" = /tmp/ ]; then skip "the tree lies in $here"; fi
  run bash -c "grep -rnIF --exclude-dir=build --exclude-dir=node_modules --exclude-dir=.git -e '$here' -e /home/ -e /Users/ . |
    grep -v '^./tests/lint/scripts.bats:'"
  [ "$output" = '' ]
}

@test "nothing is left to do in the tree" {
  run grep -rnwE --exclude-dir=node_modules 'TODO|FIXME|XXX|HACK' lib tools examples man
  [ "$output" = '' ]
}
