# A header can be included first, alone, by anybody. But NAME_impl.hpp is the end of
# NAME.hpp, which alone includes it.

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

# Not -Werror: how a header reads is the build's affair, here only whether it is whole.
compiles_alone() {
  g++ -std=c++20 -fsyntax-only -w -I lib -I tools -I tests -I "$(dirname "$1")" -x c++ "$1"
}

@test "every header compiles alone" {
  local header broken=0
  while read -r header; do
    compiles_alone "$header" || broken=1
  done < <(find lib tools tests -name '*.hpp' ! -name '*_impl.hpp' ! -path '*/node_modules/*')
  [ "$broken" -eq 0 ]
}

@test "a header that leans on what was included before it is found" {
  printf '#pragma once\nstd::string name();\n' >"$BATS_TEST_TMPDIR/leans.hpp"
  run compiles_alone "$BATS_TEST_TMPDIR/leans.hpp"
  [ "$status" -ne 0 ]
}

@test "NAME_impl.hpp is included by NAME.hpp only" {
  local file name
  while read -r file; do
    name=$(basename "$file")
    [ "$(grep -rl --include='*.[ch]pp' "/$name\"" lib tools tests)" = "${file%_impl.hpp}.hpp" ]
  done < <(find lib tools -name '*_impl.hpp')
}
