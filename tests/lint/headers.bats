# A header can be included first, alone, by anybody; unless it says in its first lines
# "included by OTHER only", as the second half of one does.

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

headers() { find lib tools tests -name node_modules -prune -o -name '*.hpp' -print; }

# included_by_only FILE: the header that it names, or nothing.
included_by_only() { head -n 5 "$1" | sed -nE 's/.*included by ([^ ]+) only.*/\1/p'; }

# compile_alone FILE…: several at a time. Not -Werror: how a header reads is the build's
# affair, here only whether it is whole.
compile_alone() {
  printf '%s\n' "$@" |
    xargs -P "$(nproc)" -I{} g++ -std=c++20 -fsyntax-only -w -I lib -I tools -I tests -x c++ {}
}

@test "every header compiles alone" {
  local header
  local -a whole=()
  while read -r header; do
    [ -n "$(included_by_only "$header")" ] || whole+=("$header")
  done < <(headers)
  compile_alone "${whole[@]}"
}

@test "a header that leans on what was included before it is found" {
  printf '#pragma once\nstd::string name();\n' >"$BATS_TEST_TMPDIR/leans.hpp"
  run compile_alone "$BATS_TEST_TMPDIR/leans.hpp"
  [ "$status" -ne 0 ]
}

@test "a header that is included by one other only is" {
  local header other
  while read -r header; do
    other=$(included_by_only "$header")
    [ -n "$other" ] || continue
    [ "$(grep -rlE --include='*.[ch]pp' "^#include \"${header#lib/}\"" lib tools tests)" = "lib/$other" ]
  done < <(headers)
}
