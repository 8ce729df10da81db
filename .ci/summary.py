#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts test points in meson's testlog*.json and in TAP files, prints what failed and what was
skipped, and ends with "N passed, N failed[, N skipped]". Exits with 1 when anything failed.

A program that speaks TAP counts as many tests as it has points; any other counts as one. A program
that crashed, timed out or found a leak after its last point counts as one failure more.
"""
import json
import pathlib
import re
import sys

POINT = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*(.*?)(?:\s+#\s*(SKIP|TODO)\b:?\s*(.*))?$", re.IGNORECASE)
MOST_LINES = 300


class Totals:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []


def count_tap(text, where, totals):
    """Counts the points; returns how many failed."""
    failed = 0
    for line in text.splitlines():
        point = POINT.match(line)
        if not point:
            continue
        bad, name, directive, reason = point.groups()
        if directive:
            totals.skipped.append(f"{where}{name}: {reason or 'no reason given'}")
        elif bad:
            failed += 1
            totals.failed.append(f"{where}{name}")
        else:
            totals.passed += 1
    return failed


def show(title, *texts):
    print(f"\n---- {title}")
    lines = [line for text in texts if text for line in text.splitlines() if "GLib-DEBUG: g_set_user_dirs" not in line]
    if len(lines) > MOST_LINES:
        lines = lines[:40] + [f"[{len(lines) - MOST_LINES} lines left out]"] + lines[40 - MOST_LINES:]
    print("\n".join(lines))


def count_meson(path, totals):
    build = path.parent.parent.name
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        test = json.loads(line)
        name = test["name"].split(" / ")[-1]
        title = f"{build}: {name}"
        stdout, stderr, result = test.get("stdout") or "", test.get("stderr") or "", test["result"]
        speaks_tap = re.search(r"^1\.\.\d+", stdout, re.MULTILINE)
        before = len(totals.failed)
        if speaks_tap:
            failed = count_tap(stdout, f"{title} ", totals)
            if result in ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS") and not failed:
                totals.failed.append(f"{title}: {result.lower()} (exit {test.get('returncode')})")
        elif result in ("OK", "EXPECTEDFAIL"):
            totals.passed += 1
        elif result == "SKIP":
            reason = (stdout + stderr).strip().splitlines()
            totals.skipped.append(f"{title}: {reason[-1] if reason else 'no reason given'}")
        else:
            totals.failed.append(f"{title}: {result.lower()} (exit {test.get('returncode')})")
        if len(totals.failed) > before:
            show(f"{title} ({result.lower()})", stdout, stderr)


def main():
    totals = Totals()
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        if path.suffix == ".json":
            count_meson(path, totals)
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if count_tap(text, "", totals):
            show(path.stem, text)

    if totals.skipped:
        print(f"\nSkipped ({len(totals.skipped)}):")
        print("\n".join(f"  {line}" for line in totals.skipped))
    if totals.failed:
        print(f"\nFailed ({len(totals.failed)}):")
        print("\n".join(f"  {line}" for line in totals.failed))
    skipped = f", {len(totals.skipped)} skipped" if totals.skipped else ""
    print(f"\n{totals.passed} passed, {len(totals.failed)} failed{skipped}")
    sys.exit(1 if totals.failed or not totals.passed else 0)


if __name__ == "__main__":
    main()
