#!/usr/bin/env bash
# `npm run demo`: installs what is missing, builds everystep, runs examples/sum and traces it. Says at each step what it does.
set -euo pipefail
cd "$(dirname "$0")/.."

program=examples/sum/sum
trace=${TMPDIR:-/tmp}/everystep-demo-$$.trace
everystep=node_modules/.bin/everystep

title() { if [ -t 1 ]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n%s\n' "$*"; fi; }
show() { printf '$ %s\n' "$*"; "$@"; }
seconds() { awk -v ms="$1" 'BEGIN { printf "%.2f s", ms / 1000 }'; }
now() { node -p 'Math.round(performance.timeOrigin + performance.now())'; }
fail() {
  printf 'demo: %s\n' "$*" >&2
  exit 1
}

command -v node >/dev/null || fail 'Node is not installed: install Node 20.19 or newer'
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "Node $(node --version) is too old: everystep needs 20.19 or newer"
started=$(now)

title '1. Install and build'
if [ -e "$everystep" ] && [ -e node_modules/esbuild ] && [ -e node_modules/@alexaltea/capstone-js ]; then
  echo 'The packages are installed already.'
else
  show npm ci --no-audit --no-fund --loglevel=error
fi
show node scripts/bundle.mjs
printf 'Ready after %s.\n' "$(seconds $(($(now) - started)))"

title '2. Run the program'
echo "$program adds the numbers below a million (gcc -O0, AArch64, no C library; source beside it)."
echo 'everystep translates it to WebAssembly, and runs that.'
before=$(now)
show $everystep run $program
printf 'It ended with status 0 after %s, start-up and translation included.\n' "$(seconds $(($(now) - before)))"

title '3. Trace it: every instruction with every value'
before=$(now)
show $everystep trace --format=chunks -o "$trace" $program
printf 'That took %s.\n' "$(seconds $(($(now) - before)))"

title '4. The first and the last instructions of the trace'
printf '$ %s export %s\n' "$everystep" "$trace"
$everystep export "$trace" | {
  head -n 13
  echo '        …'
  tail -n 7
}

title 'Done'
printf 'Time in all: %s.\n' "$(seconds $(($(now) - started)))"
printf 'The trace is in %s (%s bytes); delete it when you like.\n' "$trace" "$(wc -c <"$trace" | tr -d ' ')"
cat <<EOF
From here:
  $everystep trace --symbol=main --first=20 $program    the options: $everystep trace -h
  $everystep run PROGRAM                                any program for AArch64 Linux; with -L SYSROOT one that needs libraries
EOF
