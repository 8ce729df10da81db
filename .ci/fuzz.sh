#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh [--jobs N] [--report FILE] [--cpu] [SECONDS] [TARGET...]: builds build/fuzz and runs each target that long
# (default 30), N at once (default 1); with --cpu the seconds are of processor time, whatever else the machine does.
# FILE gets a line a target. What was found lies in build/fuzz/found, what was learnt in build/fuzz/corpus, where the
# next run goes on.
set -euo pipefail

# An input may take this much processor time. On a busy machine it may wait longer than that.
readonly CPU_SECONDS=10 WALL_SECONDS=60
seconds=30 jobs=1 report=/dev/null by_processor=
while [ $# -gt 0 ]; do
  case $1 in
    --jobs) jobs=${2:?}; shift 2 ;;
    --report) report=${2:?}; shift 2 ;;
    --cpu) by_processor=1; shift ;;
    --*) echo "fuzz.sh: no option '$1'" >&2; exit 2 ;;
    *) break ;;
  esac
done
if [[ ${1:-} =~ ^[0-9]+$ ]]; then seconds=$1; shift; fi
: >>"$report" || { echo "fuzz.sh: '$report' cannot be written; name a file inside the checkout" >&2; exit 2; }
.ci/build.sh fuzz fuzz-targets
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  for program in build/fuzz/tests/fuzz/fuzz-*; do
    [[ -f $program && -x $program ]] || continue
    targets+=("${program##*/fuzz-}")
  done
fi

mkdir -p build/fuzz/found
work=$(mktemp -d build/fuzz/run.XXXXXX)
trap 'rm -rf "$work"' EXIT
for target in "${targets[@]}"; do
  program=build/fuzz/tests/fuzz/fuzz-$target
  [ -x "$program" ] || { echo "fuzz.sh: no target '$target'" >&2; exit 2; }
  ln "$program" "$work/" # a build in the meantime changes nothing of this run
done

# The names and words of our documents: mutations with them get past the strict readers.
LC_ALL=C grep -aohE '"[][A-Za-z0-9_$:/. -]{2,40}"' data/schemas/*.json tests/fuzz/corpus/*/* \
  | LC_ALL=C sort -u | sed -e 's/^"/"\\"/' -e 's/"$/\\""/' >"$work/words"

# A target's seeds, and the documents we ship of its kind.
seeds () {
  echo "tests/fuzz/corpus/$1"
  case $1 in
    workflow) echo packs/customer-operations/workflows ;;
    operation) echo packs/customer-operations/ops ;;
    policy) printf '%s\n' packs/*/policies ;;
  esac
}

# Whether an input that took long did so by itself.
is_slow () { ! (ulimit -t "$CPU_SECONDS" && exec "$1" -timeout=3600 "$2") >/dev/null 2>&1; }

# Seconds that what this shell ran has used so far.
processor_time () {
  times >"$work/$1.times"
  cpu=$(awk 'NR == 2 { split($0, t, /[ms ]+/); print int(t[1] * 60 + t[2] + t[3] * 60 + t[4]) }' "$work/$1.times")
}

run_target () {
  local target=$1 program=$work/fuzz-$1 corpus=build/fuzz/corpus/$1 log=build/fuzz/$1.log
  local begun=$SECONDS left=$seconds verdict=passed runs=0 starved=0 cpu=0 before part input folders
  mkdir -p "$corpus"
  mapfile -t folders < <(seeds "$target")
  before=$(find "$corpus" -type f | wc -l)
  part=$work/$target.log
  : >"$log"
  while [ "$left" -gt 0 ]; do
    if "$program" -max_total_time="$left" -timeout="$WALL_SECONDS" -rss_limit_mb=2048 -print_final_stats=1 \
         -dict="$work/words" -artifact_prefix="build/fuzz/found/$target-" "$corpus" "${folders[@]}" >"$part" 2>&1; then
      left=0
      processor_time "$target"
      [ -z "$by_processor" ] || left=$((seconds - cpu))
    else
      input=$(sed -n 's/.*Test unit written to \(.*-timeout-.*\)$/\1/p' "$part")
      if [ -n "$input" ] && ! is_slow "$program" "$input"; then
        starved=$((starved + 1)) left=$((seconds - (SECONDS - begun)))
        rm "$input"
      else
        verdict=failed left=0
      fi
    fi
    runs=$((runs + $(sed -n 's/^stat::number_of_executed_units: *//p' "$part" | grep . || echo 0)))
    cat "$part" >>"$log"
  done
  processor_time "$target"
  printf '%-16s %s  %4d s (%s s of processor)  %9d runs  corpus %d -> %d  edges %s  starved %d\n' \
    "$target" "$verdict" $((SECONDS - begun)) "$cpu" "$runs" "$before" "$(find "$corpus" -type f | wc -l)" \
    "$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | cut -c6-)" "$starved" | tee "$work/$target.result" >>"$report"
  if [ "$verdict" = passed ]; then
    echo "fuzz $target: $runs runs, nothing found"
  else
    echo "fuzz $target: FAILED; the input is under build/fuzz/found, the whole log is $log"
    grep -E 'ERROR|SUMMARY|Test unit' "$log" | head -n 5 || tail -n 5 "$log"
  fi
}

for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
  run_target "$target" &
done
wait
passed=$(cat "$work"/*.result | grep -c ' passed ' || true)
failed=$((${#targets[@]} - passed))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
