#!/usr/bin/env bash
# `npm run check`: gets what the tests need, builds, lints, and runs all tests. Runs everything even where something
# fails; ends with one line that counts, which is also in .build/check/summary.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p .build/check
rm -f .build/check/summary
[ -e node_modules/.package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error
bash scripts/testTools.sh

passed=0
failed=0
failures=()

# CI ends a check that takes 25 minutes: what does not end by itself is ended before, so that the last line is still the count.
LIMIT=1410
# limited SECONDS COMMAND...: ends what does not end. Far above what a slow machine takes.
limited() { timeout --foreground --kill-after=10 "$@"; }

# step NAME COMMAND...: one check, that passes if the command does.
step() {
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s: %s\n' "$name" "$*"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures+=("$name")
  fi
  printf -- '-- %s took %s s\n' "$name" $((SECONDS - start))
}

# both NAME COMMAND -- NAME COMMAND: two checks side by side; what the second prints comes behind.
both() {
  local log=.build/check/second.log first=() second=()
  while [ "$1" != -- ]; do first+=("$1"); shift; done
  shift
  second=("$@")
  ("${second[@]:1}" >"$log" 2>&1) &
  local other=$!
  step "${first[@]}"
  step "${second[0]}" wait "$other"
  cat "$log"
}

step build npm run --silent build
step format-and-lint npx --no-install biome check --error-on-warnings .
step layers node scripts/layers.mjs
step unused npx --no-install knip
step test-programs node tests/programs/build.mjs
both fuzz-instructions limited 400 node scripts/fuzz.mjs --seed 1 --count 15 -- fuzz-blocks limited 400 node scripts/fuzz.mjs --seed 3 --count 140 --states 8 --blocks --fpcr
both fuzz-rounding limited 400 node scripts/fuzz.mjs --seed 2 --count 5 --fpcr --machine evaluator -- fuzz-cold limited 400 node scripts/fuzz.mjs --seed 4 --count 6 --fpcr --machine cold

report=.build/check/tests.json
rm -f "$report"
printf '\n== tests\n'
limited $((LIMIT - SECONDS)) node_modules/.bin/vitest run --reporter=default --reporter=./tests/support/runningFiles.ts \
  --reporter=json --outputFile.json="$report" && tests_ended=0 || tests_ended=$?
[ "$tests_ended" != 124 ] && [ "$tests_ended" != 137 ] || printf '\nthe tests did not end; these ran: %s\n' "$(tr '\n' ' ' <.build/check/running)"
read -r tests_passed tests_failed < <(node -e '
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
  // A file that fails before its first test counts once.
  const broken = testResults.filter((file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"));
  console.log(numPassedTests, numFailedTests + broken.length);
' "$report" 2>/dev/null || echo 0 1)
# vitest also fails for errors outside tests.
if [ "$tests_ended" != 0 ] && [ "$tests_failed" = 0 ]; then tests_failed=1; fi
passed=$((passed + tests_passed))
failed=$((failed + tests_failed))
[ "$tests_failed" = 0 ] || failures+=(tests)

[ ${#failures[@]} = 0 ] || printf '\nfailed: %s\n' "${failures[*]}"
echo "$passed passed, $failed failed" | tee .build/check/summary
[ "$failed" = 0 ]
