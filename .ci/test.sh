#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds, runs every suite twice (once under ASan and UBSan), what has threads under TSan, then formatters and validators.
# The last line is "N passed, N failed" or "N passed, N failed, N skipped"; it goes on after failures.
# AIRAILS_TEST_ARGS goes to every `meson test`, say to run one test.
set -uo pipefail
jobs=${AIRAILS_JOBS:-$(nproc)}
results=build/results
rm -rf "$results" && mkdir -p "$results"
parts=()

# note NAME COMMAND...: a step that is one test of its own.
note () {
  local name=$1
  shift
  echo "== $name" >&2
  if "$@" >"$results/out" 2>&1; then printf '1..1\nok 1 /%s\n' "$name" >"$results/$name.tap"; local rc=0
  else { printf '1..1\nnot ok 1 /%s\n' "$name"; sed 's/^/# /' "$results/out"; } >"$results/$name.tap"; local rc=1; fi
  parts+=("$results/$name.tap")
  return $rc
}

# suite BUILD LABEL WRAPPER... -- SUITES...
suite () {
  local build=$1 label=$2 wrapper=() suites=()
  shift 2
  while [ "$1" != -- ]; do wrapper+=("$1"); shift; done
  shift
  for s in "$@"; do suites+=(--suite "$s"); done
  echo "== tests: $label" >&2
  local log=testlog-$label extra=()
  [ "$build" != asan ] || extra+=(-t 4)
  rm -f "build/$build/meson-logs/$log.json"
  # shellcheck disable=SC2086
  "${wrapper[@]}" meson test -C "build/$build" --no-rebuild --num-processes "$jobs" --logbase "$log" \
    "${extra[@]}" "${suites[@]}" ${AIRAILS_TEST_ARGS:-} >"$results/out" 2>&1
  if [ ! -s "build/$build/meson-logs/$log.json" ] && ! grep -q 'No suitable tests\|does not match any test' "$results/out"; then
    { printf '1..1\nnot ok 1 /%s\n' "meson-test-$label"; sed 's/^/# /' "$results/out"; } >"$results/$label.tap"
    parts+=("$results/$label.tap")
  else
    [ ! -s "build/$build/meson-logs/$log.json" ] || parts+=("build/$build/meson-logs/$log.json")
  fi
}

with_display () {
  env GTK_A11Y=test GDK_BACKEND=x11 GSK_RENDERER=cairo LIBGL_ALWAYS_SOFTWARE=1 NO_AT_BRIDGE=1 GTK_USE_PORTAL=0 \
    xvfb-run -a -s '-screen 0 1600x1200x24 -nolisten tcp -noreset' dbus-run-session -- "$@"
}

if note build-main .ci/build.sh main; then
  suite main main -- headless scenario
  if meson introspect build/main --tests 2>/dev/null | grep -q '"airails:display"'; then
    suite main display with_display -- display
  fi
fi
if note build-asan .ci/build.sh asan; then
  suite asan asan -- headless scenario
  suite asan asan-display with_display -- display
fi
# The runtime's threads (main context, writer, applier) do not race. Nothing else has threads of its own.
racing=(host journal regressions)
if note build-tsan .ci/build.sh tsan "${racing[@]/#/tests/runtime/test-}"; then
  note tsan meson test -C build/tsan --no-rebuild --print-errorlogs -t 4 "${racing[@]/#/runtime-}"
fi
# Nothing but the window needs GTK: all the rest builds without it.
note build-headless .ci/build.sh headless
echo "== checks" >&2
.ci/check.sh --tap "$results/check.tap"
parts+=("$results/check.tap")
exec python3 .ci/summary.py "${parts[@]}"
