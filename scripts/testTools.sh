#!/usr/bin/env bash
# Gets what the tests need besides npm packages: QEMU and a cross compiler from Debian, and an arm64 busybox, which goes
# into .build only. Installs packages where it may (as root, or by sudo without a password), else says which are missing.
# Browsers it gets as root only, which is in containers; without them their tests are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/arm64Apt.sh

busybox=.build/busybox/busybox

has_qemu() { command -v qemu-aarch64 >/dev/null; }
has_compiler() { command -v aarch64-linux-gnu-gcc >/dev/null; }
has_libc() { has_compiler && [ -e "$(aarch64-linux-gnu-gcc -print-file-name=libc.a)" ]; }

missing=()
has_qemu || missing+=(qemu-user)
has_compiler || missing+=(gcc-aarch64-linux-gnu)
has_libc || missing+=(libc6-dev-arm64-cross)

has_any() { command -v "$@" >/dev/null; }
browsers=()
has_any chromium chromium-browser google-chrome || browsers+=(chromium)
has_any firefox-esr firefox || browsers+=(firefox-esr)

may_install() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
install() {
  echo "Installing $*"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "check: this is no Debian system. The tests need qemu-aarch64, aarch64-linux-gnu-gcc and its static glibc; missing here: ${missing[*]} (Debian's names)." >&2
    exit 1
  fi
  if ! may_install; then
    echo "check: these Debian packages are missing: ${missing[*]}. Install them as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  install "${missing[@]}"
fi

if [ ${#browsers[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && may_install; then
  install "${browsers[@]}" || echo "Not to be had: ${browsers[*]}. Tests that need them are skipped"
fi

# Readers of profiles, and gdb.
readers=()
has_any callgrind_annotate || readers+=(valgrind)
has_any genhtml || readers+=(lcov)
has_any uftrace || readers+=(uftrace)
has_any gdb-multiarch || readers+=(gdb-multiarch)
if [ ${#readers[@]} -gt 0 ] && may_install; then
  install "${readers[@]}" || echo "Not to be had: ${readers[*]}. Tests that need them are skipped"
fi

if [ ! -x "$busybox" ]; then
  echo 'Fetching busybox-static for arm64'
  apt=$PWD/.build/apt
  mkdir -p "$apt" "$(dirname "$busybox")"
  . /etc/os-release
  mirror=$(grep -rhoE '(https?|file)://[^ ]*debian/?' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | grep -vE 'security|snapshot' | head -1 || true)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} ${VERSION_CODENAME:-bookworm} main" >"$apt/sources.list"
  (
    arm64_apt "$apt" "$apt/sources.list"
    cd "$apt"
    apt-get update -qq
    apt-get download -qq busybox-static
  )
  dpkg-deb -x "$apt"/busybox-static_*.deb "$apt/unpacked"
  cp "$apt/unpacked/bin/busybox" "$busybox"
  rm -rf "$apt"
fi
