#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Writes every page of the window as PNG (light, dark, narrow) into build/screenshots.
set -euo pipefail
.ci/build.sh main
out=build/screenshots
rm -rf "$out"
mkdir -p "$out"
export AIRAILS_SOURCE=$PWD GSK_RENDERER=cairo GDK_BACKEND=x11 GTK_A11Y=none GSETTINGS_BACKEND=memory GIO_USE_VFS=local
export ADW_DISABLE_PORTAL=1 GDK_DEBUG=no-portals LC_ALL=C.UTF-8 TZ=UTC G_DEBUG=fatal-criticals
xvfb-run -a -s '-screen 0 1400x1000x24 -nolisten tcp' build/main/tests/app/screenshots "$out"
