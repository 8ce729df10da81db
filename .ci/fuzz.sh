#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh [SECONDS] [TARGET...]: builds build/fuzz and runs each target that long (default 30).
set -euo pipefail

seconds=30
if [[ ${1:-} =~ ^[0-9]+$ ]]; then seconds=$1; shift; fi
.ci/build.sh fuzz fuzz-targets
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  for program in build/fuzz/tests/fuzz/fuzz-*; do
    [[ -f $program && -x $program ]] || continue
    targets+=("${program##*/fuzz-}")
  done
fi

passed=0 failed=0
for target in "${targets[@]}"; do
  program=build/fuzz/tests/fuzz/fuzz-$target
  [ -x "$program" ] || { echo "fuzz.sh: no target '$target'" >&2; exit 2; }
  corpus=build/fuzz/corpus/$target found=build/fuzz/found/$target-
  log=build/fuzz/$target.log
  mkdir -p "$corpus" build/fuzz/found
  if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
       -artifact_prefix="$found" "$corpus" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
    passed=$((passed + 1))
    echo "fuzz $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs, nothing found"
  else
    failed=$((failed + 1))
    echo "fuzz $target: FAILED; the input is under build/fuzz/found, the whole log is $log"
    grep -E 'ERROR|SUMMARY|Test unit' "$log" | head -n 5 || tail -n 5 "$log"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
