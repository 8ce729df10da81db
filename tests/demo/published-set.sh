#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The demo on the real set, with everything going wrong at once. usage: published-set.sh DEMO FOLDER
set -euo pipefail
requests=$AIRAILS_SOURCE/../shared/data/retail/requests-train.jsonl
if [ ! -e "$requests" ]; then
  echo "../shared/data/retail is not here"
  exit 77
fi
exec "$1" --no-window --data "$requests" --kill 5 --drop 10 --keep "$2"
