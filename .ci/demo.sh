#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The demo over what .ci/build.sh main has built.
set -euo pipefail
exec build/main/tests/demo/airails-demo "$@"
