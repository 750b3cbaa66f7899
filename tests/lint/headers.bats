# A header can be included first, alone, by anybody; unless it says in its first lines
# "included by OTHER only", as the second half of one does.

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

headers() { find lib tools tests -name node_modules -prune -o -name '*.hpp' -print; }

# included_by_only FILE: the header that it names, or nothing.
included_by_only() { head -n 5 "$1" | sed -nE 's/.*included by ([^ ]+) only.*/\1/p'; }

# compile_alone FILE…: several at a time. Not -Werror: how a header reads is the build's
# affair, here only whether it is whole. Tests that watch the time run at their side.
compile_alone() {
  printf '%s\n' "$@" |
    xargs -P "$(nproc)" -I{} nice g++ -std=c++20 -fsyntax-only -w -I lib -I tools -I tests -x c++ {}
}

# built_first: what the first include line of a built file names. The build has compiled
# these alone already, and better than we do. Without a build, nothing.
built_first() {
  local file name place
  while read -r file; do
    name=$(sed -nE '/^#include/{s/^#include "(.*)"$/\1/p;q}' "$file")
    for place in "${file%/*}" lib tools tests; do
      [[ $name && -e $place/$name ]] && echo "$place/$name" && break
    done
  done < <(jq -r '.[].file' "${LTP_BIN-nowhere}/../compile_commands.json" 2>/dev/null | sed "s|^$PWD/||")
}

@test "every header compiles alone" {
  local header
  local -a whole=()
  while read -r header; do
    [ -n "$(included_by_only "$header")" ] || whole+=("$header")
  done < <(comm -23 <(headers | sort) <(built_first | sort -u))
  compile_alone "${whole[@]}"
}

@test "a header of which the build does not tell is compiled here" {
  local build=$BATS_TEST_TMPDIR/build
  mkdir -p "$build/bin"
  LTP_BIN=$build/bin
  [ -z "$(built_first)" ]
  printf '[{"file": "%s/lib/base/text.cpp"}]' "$PWD" >"$build/compile_commands.json"
  [ "$(built_first)" = lib/base/text.hpp ]
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
