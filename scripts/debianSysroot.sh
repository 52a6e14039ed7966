#!/usr/bin/env bash
# debianSysroot.sh DIR [SOURCES]: unpacks into DIR what the Debian set of `npm run bench` runs: Debian's arm64 packages of
# interpreters, compressors, compilers and so on, with all that they depend on (1.2 GB, and half as much while it works).
# Packages come from the system's own sources, or those of the file SOURCES, read with an apt of its own in DIR.apt:
# nothing is installed, and neither the system's lists nor its packages are touched.
set -euo pipefail
. "$(dirname "$0")/arm64Apt.sh"

if [ $# -lt 1 ] || [ "${1#-}" != "$1" ]; then
  sed -n '2,5s/^# //p' "$0"
  exit 2
fi
for tool in apt-get dpkg-deb; do
  command -v $tool >/dev/null || { echo "debianSysroot: $tool is not here: this needs a Debian system" >&2; exit 1; }
done

mkdir -p "$1"
root=$(cd "$1" && pwd)
apt=$root.apt
packages=(python3 perl ruby lua5.4 dash sqlite3 xz-utils zstd gzip bzip2 openssl cpp binutils golang-go nodejs ffmpeg)

arm64_apt "$apt" "${@:2:1}"

echo 'Reading the lists of packages'
apt-get update -qq
echo 'Downloading packages'
apt-get install -qq --yes --download-only "${packages[@]}" >"$apt/install.log" || { tail -5 "$apt/install.log" >&2; exit 1; }

# bin, sbin and lib are links into usr, as on a system; packages that still ship them follow the links.
for folder in bin sbin lib; do
  mkdir -p "$root/usr/$folder"
  [ -e "$root/$folder" ] || ln -s "usr/$folder" "$root/$folder"
done
count=0
for package in "$apt"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink --no-same-owner -C "$root"
  count=$((count + 1))
done

# Absolute links become relative, for emulators that take only their first step from the sysroot.
find "$root" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
  target=$root$(readlink "$link")
  ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" "$target")" "$link"
done
# The links to one of several implementations, which are made when packages are installed.
for library in blas/libblas.so.3 lapack/liblapack.so.3; do
  for file in "$root"/usr/lib/*-linux-gnu/$library; do
    [ -e "$file" ] && ln -sfn "$library" "$(dirname "$(dirname "$file")")/$(basename "$library")"
  done
done
rm -rf "$apt"
echo "$count packages are unpacked in $root: EVERYSTEP_BENCH_SYSROOT=$root npm run bench"
