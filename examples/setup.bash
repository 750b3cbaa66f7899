# What the quick start and the tests share: packages of Debian 12, and the build.
# Sourced by examples/quickstart.sh and tests/run.sh; runs nothing by itself.
#
# What apt-get, cmake and ninja say is shown as it comes.
# shellcheck disable=SC2034  # the lists are for the scripts that source this

# What building and running the programs takes, and nothing else.
readonly BUILD_PACKAGES=(
  g++ cmake ninja-build pkg-config
  libwebsockets-dev libwebsockets-evlib-uv  # the plugin is loaded at run time
  libuv1-dev libssl-dev libhiredis-dev libsimdjson-dev
  nlohmann-json3-dev libspdlog-dev libcli11-dev
)
readonly PROGRAMS=(ltp-sim ltp-feed ltp-cache ltp-pub ltp-serve ltp-get)

# say TEXT…: a message for people, opened with the script's name.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die STATUS TEXT…
die() {
  local status=$1
  shift
  say "$@"
  exit "$status"
}

# as_root COMMAND…: sudo only where it is needed.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die 78 "packages are missing and only root can install them; start again as root, or install sudo"
  fi
}

# missing_packages NAME…: those that are not installed, one a line. Asks dpkg once, so
# that a second start takes no time; for a name that it does not know it answers with an
# error, which is no news to us.
missing_packages() {
  local known
  known=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  comm -13 <(sed -n 's/^installed //p' <<<"$known" | sort) <(printf '%s\n' "$@" | sort)
}

# install_packages NAME…: what is missing of them, by apt-get.
install_packages() {
  command -v dpkg-query >/dev/null ||
    die 69 "this is not a Debian system; install what ${BASH_SOURCE[0]} lists, by hand"
  local -a missing
  read -r -d '' -a missing <<<"$(missing_packages "$@")" || true
  ((${#missing[@]})) || return 0

  say "installing ${missing[*]}"
  # One package source that is away must not stop us: apt-get install decides.
  as_root apt-get update || say "apt-get update failed; trying with the lists that are there"
  without_services as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" </dev/null ||
    die 69 "apt-get could not install ${missing[*]}"
}

# without_services COMMAND…: runs it while Debian's policy hook keeps packages from
# starting their services: we want redis-server the program, not a server on port 6379.
# A hook that is there already is the administrator's and stays.
without_services() (
  hook=/usr/sbin/policy-rc.d
  had_redis=no
  [[ -e /etc/init.d/redis-server ]] && had_redis=yes
  if [[ ! -e $hook ]]; then
    trap 'as_root rm -f "$hook"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$hook"
  fi
  status=0
  "$@" || status=$?
  # Nor shall it start with the machine.
  if [[ $had_redis == no && -e /etc/init.d/redis-server ]]; then
    as_root update-rc.d redis-server disable >/dev/null 2>&1 || true
  fi
  exit "$status"
)

# install_page_parts: what the page takes from npm, its chart. Without npm, or without the
# registry, the page is built without it.
install_page_parts() {
  local here=tools/ltp-serve/page/npm
  command -v npm >/dev/null || return 0
  cmp -s "$here/package-lock.json" "$here/node_modules/.installed.json" && return
  if npm ci --prefix "$here" --ignore-scripts --no-audit --no-fund >&2; then
    cp "$here/package-lock.json" "$here/node_modules/.installed.json"
  else
    say "npm could not install $here/package-lock.json; the page is built without its chart"
  fi
}

# build PRESET [TARGET…]: configures once, then builds what has changed. Without
# targets, everything.
build() {
  local preset=$1 dir=build
  shift
  [[ $preset == release ]] || dir=build/$preset
  if [[ ! -e $dir/build.ninja ]]; then
    cmake --preset "$preset" >&2 || die 70 "cmake could not configure the preset $preset"
  fi
  ninja -C "$dir" "$@" >&2 || die 70 "the build of the preset $preset failed"
}
