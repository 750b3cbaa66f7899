# The pages of man/: well formed, complete, and true to the programs' --help.
load pages

setup() { cd "$BATS_TEST_DIRNAME/../.." || return; }

@test "mandoc finds nothing to say about any page" {
  cd man  # it looks there for the pages that a page refers to
  mandoc -T lint -W style ./*.[1-8]
}

@test "mandoc would say something about a broken page" {
  sed 's/^\.Sh NAME/.Sh NMAE/' man/ltp.7 >"$BATS_TEST_TMPDIR/ltp.7"
  run mandoc -T lint -W style "$BATS_TEST_TMPDIR/ltp.7"
  [[ $output == *"first section is not \"NAME\""* ]]
}

@test "every program has a page, and every page of a program a program" {
  diff <(basename -a tools/ltp-*/) <(basename -as .1 man/*.1)
}

@test "every page of a program has the same sections in the same order" {
  local page want='^NAME SYNOPSIS DESCRIPTION OPTIONS (ENVIRONMENT )?EXIT STATUS EXAMPLES SEE ALSO $'
  for page in man/*.1; do
    echo "$page"
    [[ $(sed -n 's/^\.Sh //p' "$page" | tr '\n' ' ') =~ $want ]]
  done
}

@test "a page names exactly the options that --help names" {
  local page
  for page in man/*.1; do
    diff -u --label "$page" --label "its --help" \
      <(options_of_page "$page") <(options_of_help "$LTP_BIN/$(basename "$page" .1)")
  done
}

@test "every environment variable of --help is in the page" {
  local page name
  for page in man/*.1; do
    for name in $("$LTP_BIN/$(basename "$page" .1)" --help | grep -oE '\b[A-Z]+_[A-Z_]+\b' | sort -u); do
      echo "$page: $name"
      grep -qE "^\.It Ev .*\b$name\b" "$page"
    done
  done
}

@test "every page that is referred to exists" {
  local name section
  while read -r name section; do
    echo "$name($section)"
    [[ $name == ltp* ]] || continue
    [ -e "man/$name.$section" ]
  done < <(sed -nE 's/^\.Xr ([^ ]+) ([0-9]).*/\1 \2/p' man/* | sort -u)
}

@test "ltp-tick(5) tells of every field that is written" {
  local name
  for name in $(grep -oE '[{,(]"[a-z_]+":' lib/tick/ndjson.cpp | tr -d '{,(":' | sort -u); do
    echo "$name"
    grep -qE "^\.(It Cm|Ql) (.* )?$name( |$)" man/ltp-tick.5
  done
}
