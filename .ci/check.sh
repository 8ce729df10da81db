#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Formatters, validators and house rules; prints TAP, one test point for each.
# With --tap FILE it writes the TAP there and says nothing (.ci/test.sh does the talking).
set -uo pipefail
tap=/dev/stdout
[ "${1:-}" != --tap ] || tap=$2
number=0 failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT
exec 3>"$tap"

files () { git ls-files --cached --others --exclude-standard -- "$@" | while read -r f; do [ ! -f "$f" ] || echo "$f"; done; }

# item NAME COMMAND FILE...: one test point; skipped when there are no files.
item () {
  local name=$1 command=$2
  shift 2
  number=$((number + 1))
  if [ $# = 0 ]; then echo "ok $number /check/$name # SKIP no such files yet" >&3; return; fi
  if "$command" "$@" >"$output" 2>&1; then echo "ok $number /check/$name" >&3; return; fi
  failed=$((failed + 1))
  echo "not ok $number /check/$name" >&3
  sed 's/^/# /' "$output" | head -n 200 >&3
}

c_format ()         { clang-format --dry-run -Werror "$@"; }
blueprint_format () { blueprint-compiler format "$@"; }
desktop_file ()     { desktop-file-validate "$@"; }
metainfo ()         { appstreamcli validate --no-net "$@"; }
xml ()              { xmllint --noout --nonet "$@"; }
shell ()            { shellcheck -S warning -s bash "$@"; }
python ()           { python3 -c 'import ast, sys
for name in sys.argv[1:]: ast.parse(open(name, encoding="utf-8").read(), name)' "$@"; }
json ()             { python3 - "$@" <<'PY'
import json, sys
bad = 0
def once(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError("a key stands twice: " + max(keys, key=keys.count))
    return dict(pairs)
for name in sys.argv[1:]:
    try:
        with open(name, encoding="utf-8") as f:
            json.load(f, object_pairs_hook=once)
    except ValueError as e:
        print(f"{name}: {e}")
        bad = 1
sys.exit(bad)
PY
}
# Every file with words for people is listed, and all the words can be taken out of it.
translations () {
  local pot warnings f bad=0
  pot=$(mktemp)
  for f in "$@"; do grep -qxF "$f" po/POTFILES || { echo "po/POTFILES: $f is missing"; bad=1; }; done
  warnings=$(xgettext -f po/POTFILES -o "$pot" --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=C_:1c,2 --keyword=NC_:1c,2 \
    2>&1 | grep -v "extension .blp. is unknown" || true)
  [ -z "$warnings" ] || { echo "$warnings"; bad=1; }
  rm -f "$pot"
  return $bad
}
# A file holds one idea, starts with its licence, and stays short.
licence () {
  local f bad=0
  for f in "$@"; do head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || { echo "$f: no SPDX line at its top"; bad=1; }; done
  return $bad
}
length () {
  local f n bad=0
  for f in "$@"; do n=$(wc -l <"$f"); [ "$n" -le 800 ] || { echo "$f: $n lines; split it, 800 is the most"; bad=1; }; done
  return $bad
}
# No #include goes up a floor (src/DESIGN.md).
floors () { python3 - "$@" <<'PY'
import re, sys
floor = {}
for n, line in enumerate("base|cel ledger schema|model policy|compiler artifact engine|components hosting wire|trial|sim|runtime client|cli canvas|app".split("|")):
    floor.update({folder: n for folder in line.split()})
bad = 0
for name in sys.argv[1:]:
    folder = name.split("/")[1]
    for at, line in enumerate(open(name, encoding="utf-8"), 1):
        used = re.match(r'#include "([a-z]+)/', line)
        used = used and used[1]
        if used and used != folder and floor.get(used, -1) >= floor.get(folder, 99):
            print(f"{name}:{at}: {folder}/ may not use {used}/, which is not on a lower floor")
            bad = 1
sys.exit(bad)
PY
}

# Public functions have docstrings (gi-docgen): in the folder's .c or .h files, with the error's domain where they can fail.
# _ref, _free and their like need none, since the type's own block says how it is owned; so types have one, too.
docstrings () { python3 - "$@" <<'PY'
import re, sys
block = re.compile(r"^/\*\*\n \* (\w+):.*?\*/", re.M | re.S)
function = re.compile(r"^(?!typedef|extern|#)[A-Za-z_][\w *]*[ *](air_\w+) *\([^;{]*?;", re.M)
type_name = re.compile(r"^typedef (?:struct|enum)\b[^;{]*?(?:\{[^\n]*?\} *|\{.*?^\} *|\b)(\w+);|^typedef [^;{]*?\(\*(\w+)\)|^G_DECLARE_\w+ \((\w+)", re.M | re.S)
exempt = re.compile(r"_(quark|get_type|ref|unref|free|copy|clear)$")
texts, blocks, bad = {}, {}, 0
for name in sys.argv[1:]:
    texts[name] = open(name, encoding="utf-8").read()
    blocks.setdefault(name.split("/")[1], {}).update({m[1]: m[0] for m in block.finditer(texts[name])})
for name, text in texts.items():
    if not name.endswith(".h") or name.endswith("-private.h"):
        continue
    known = blocks[name.split("/")[1]]
    code = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), text, flags=re.S)
    for m in function.finditer(code):
        at = f"{name}:{code.count(chr(10), 0, m.start()) + 1}: {m[1]}()"
        if m[1] not in known and not exempt.search(m[1]):
            print(f"{at} has no docstring; write one before its definition")
            bad = 1
        elif "GError **" in re.sub(r" +", " ", m[0]) and "_ERROR" not in known.get(m[1], "_ERROR"):
            print(f"{at}: its docstring names no error; say which domain and codes")
            bad = 1
    for m in type_name.finditer(code):
        if (found := m[1] or m[2] or m[3]) and found not in known:
            print(f"{name}:{code.count(chr(10), 0, m.start()) + 1}: {found} has no docstring; write one before it")
            bad = 1
sys.exit(bad)
PY
}

echo 'TAP version 14' >&3
mapfile -t c < <(files 'src/*.c' 'tests/*.c')
mapfile -t ch < <(files 'src/*.[ch]' 'src/*.cc' 'tests/*.[ch]')
mapfile -t source_files < <(files 'src/*.[ch]')
mapfile -t scripts < <(files dev .ci/run '*.sh')
mapfile -t py < <(files '*.py')
item clang-format c_format "${c[@]}"
mapfile -t list < <(files '*.blp');                         item blueprint-format blueprint_format "${list[@]}"
mapfile -t list < <(files '*.desktop' '*.desktop.in');      item desktop-file desktop_file "${list[@]}"
mapfile -t list < <(files '*.metainfo.xml*');               item metainfo metainfo "${list[@]}"
mapfile -t list < <(files '*.xml' '*.xml.in' '*.ui' '*.svg'); item xml xml "${list[@]}"
mapfile -t list < <(files '*.json');                        item json json "${list[@]}"
item shellcheck shell "${scripts[@]}"
item python python "${py[@]}"
mapfile -t list < <(files 'src/app/*.c' 'src/canvas/*.c' 'ui/*.blp' | xargs grep -lE '(^|[^A-Za-z])(_|C_|N_|NC_|ngettext) ?\("')
item translations translations "${list[@]}"
item licence licence "${ch[@]}" "${scripts[@]}" "${py[@]}"
item length length "${ch[@]}"
item floors floors "${source_files[@]}"
item docstrings docstrings "${source_files[@]}"
echo "1..$number" >&3
[ "$tap" != /dev/stdout ] || echo "$((number - failed)) passed, $failed failed"
[ $failed = 0 ]
