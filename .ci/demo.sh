#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The demo over what .ci/build.sh main has built.
set -euo pipefail
# A disk that can be filled without harm; ./dev mounts it.
disk=()
case " $* " in *' --fill'*) disk=(--disk build/small-disk) ;; esac
exec build/main/tests/demo/airails-demo ${disk[@]+"${disk[@]}"} "$@"
