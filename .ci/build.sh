#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# build.sh NAME [TARGET...]: configures build/NAME once and builds it (or only the targets). NAME: main, release, headless, asan, tsan, fuzz.
set -euo pipefail
name=${1:-main}
case $name in
  main) options=(-Dgui=enabled -Dbuildtype=debugoptimized) ;;
  release) options=(-Dgui=enabled -Dbuildtype=release -Db_lto=true "-Db_lto_threads=$(nproc)") ;;
  headless) options=(-Dgui=disabled -Dbuildtype=debugoptimized) ;;
  asan) options=(-Dgui=enabled -Dbuildtype=debug -Doptimization=1 '-Db_sanitize=address,undefined' -Db_lundef=false) ;;
  tsan) options=(-Dgui=disabled -Dbuildtype=debug -Doptimization=1 '-Db_sanitize=thread' -Db_lundef=false) ;;
  fuzz) export CC=clang CXX=clang++
        options=(-Dgui=disabled -Dfuzzing=true -Dbuildtype=debug -Doptimization=1 '-Db_sanitize=address,undefined' -Db_lundef=false) ;;
  *) echo "build.sh: no build '$name'" >&2; exit 2 ;;
esac
dir=build/$name log=build/$name.log
mkdir -p build
if [ ! -e "$dir/build.ninja" ]; then
  rm -rf "$dir"
  meson setup "$dir" "${options[@]}" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
fi
if [ -t 2 ]; then ninja -C "$dir" ${AIRAILS_JOBS:+-j "$AIRAILS_JOBS"} "${@:2}" >&2
else ninja --quiet -C "$dir" ${AIRAILS_JOBS:+-j "$AIRAILS_JOBS"} "${@:2}" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }; fi
