#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ctrl-C, a plain kill and a kill -9 of the demo leave nothing running. Prints TAP. usage: stop.sh DEMO FOLDER
set -uo pipefail
demo=$1 folder=$2
echo 1..3

running () { pgrep -fa -- "$folder/"; }

number=0
for signal in INT TERM KILL; do
  number=$((number + 1))
  # Job control of its own: without it the shell makes background programs ignore SIGINT.
  set -m
  "$demo" --no-window --keep "$folder" >/dev/null 2>&1 &
  pid=$!
  set +m
  for _ in $(seq 1200); do
    [ ! -e "$folder/state/address" ] || break
    sleep 0.05
  done
  [ -n "$(running)" ] || { echo "not ok $number /demo/stop/$signal"; echo "# it did not get to start anything"; continue; }
  kill "-$signal" "$pid"
  wait "$pid" 2>/dev/null
  status=$?
  for _ in $(seq 100); do
    [ -n "$(running)" ] || break
    sleep 0.05
  done
  expected=130
  [ $signal != KILL ] || expected=137
  if [ -z "$(running)" ] && [ $status = $expected ]; then
    echo "ok $number /demo/stop/$signal"
  else
    echo "not ok $number /demo/stop/$signal"
    echo "# status $status, still running:"
    running | sed 's/^/# /'
  fi
  rm -f "$folder/state/address"
done
