#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# screenshots.sh [LOOK...]: writes every page of the window as PNG into build/screenshots, in each look.
set -euo pipefail
.ci/build.sh main src/app/airails tests/app/screenshots
out=build/screenshots
rm -rf "$out"
mkdir -p "$out"
export AIRAILS_SOURCE=$PWD GSK_RENDERER=cairo GDK_BACKEND=x11 GTK_A11Y=none GSETTINGS_BACKEND=memory GIO_USE_VFS=local
export ADW_DISABLE_PORTAL=1 GDK_DEBUG=no-portals LC_ALL=C.UTF-8 TZ=UTC G_DEBUG=fatal-criticals
[ $# -gt 0 ] || set -- light dark narrow contrast contrast-dark rtl large-text
for look in "$@"; do
  # libadwaita learns of high contrast from the desktop; here there is none.
  case $look in contrast*) export ADW_DEBUG_HIGH_CONTRAST=1 ;; *) unset ADW_DEBUG_HIGH_CONTRAST ;; esac
  xvfb-run -a -s '-screen 0 1400x1000x24 -nolisten tcp -noreset' build/main/tests/app/screenshots "$out" "$look"
done
