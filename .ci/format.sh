#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Formats the sources in place: C by .clang-format, Blueprint by its own rules.
# Headers are aligned by hand, as GNOME's are.
set -euo pipefail
git ls-files -z --cached --others --exclude-standard -- 'src/*.c' 'tests/*.c' | xargs -0r clang-format -i
git ls-files -z --cached --others --exclude-standard -- '*.blp' | xargs -0r blueprint-compiler format --fix
