# Comparing a program's --help with its page.

# options_of_help PROGRAM / options_of_page FILE: the options, long or short, one a line,
# sorted. In --help an option opens its line; in a page it stands in an .It line.
options_of_help() {
  "$1" --help | sed -nE 's/^ +(-[^ ]+).*/\1/p' | tr ',' '\n' | sort -u
}
options_of_page() {
  sed -n 's/^\.It \(Fl .*\)/\1/p' "$1" | grep -oE '\bFl [^ ]+' | sed 's/^Fl /-/; s/\\-/-/g' | sort -u
}
