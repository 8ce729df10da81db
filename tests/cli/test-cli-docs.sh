#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual and the completions that are made of the table of commands. TAP.
# usage: test-cli-docs.sh AIRAILSCTL MAN BASH ZSH FISH
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ctl=$1 man=$2 bash_file=$3 zsh_file=$(readlink -f "$4") fish_file=$(readlink -f "$5")
n=0

check () { # words command...
  local words=$1
  shift
  n=$((n + 1))
  if "$@"; then echo "ok $n - $words"; else echo "not ok $n - $words"; fi
}

holds () { case $1 in *"$2"*) return 0 ;; *) return 1 ;; esac }

# Every command the help lists, and those below it: "pki trust add".
list () { # prefix words...
  local name
  "$ctl" "$@" help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' | while read -r name; do
    if "$ctl" "$@" "$name" --help 2>/dev/null | grep -q '^usage: .* COMMAND'; then list "$@" "$name"; else echo "$* $name" | sed 's/^ //'; fi
  done
}

if command -v mandoc >/dev/null; then
  lint=$(mandoc -T lint "$man" 2>&1 | grep -v 'referenced manual not found')
  check "the manual is sound mdoc" test -z "$lint"
  [ -z "$lint" ] || printf '%s\n' "$lint" | head -n 20 | sed 's/^/# /'
else
  n=$((n + 1)); echo "ok $n - the manual is sound mdoc # SKIP skipped: mandoc is not here"
fi

commands=$(list)
check "there are commands" test "$(printf '%s\n' "$commands" | wc -l)" -gt 20
missing=
while read -r command; do
  grep -qx "\.Ss $command" "$man" || missing="$missing man:$command"
  grep -qF "'$command')" "$bash_file" || missing="$missing bash:$command"
  grep -q "^_airailsctl_$(printf %s "$command" | tr ' -' '__') ()" "$zsh_file" || missing="$missing zsh:$command"
  grep -qF -- "-a ${command##* } -d" "$fish_file" || missing="$missing fish:$command"
done <<<"$commands"
check "each command stands in all four${missing:+: missing$missing}" test -z "$missing"

check "bash reads its completion" bash -n "$bash_file"
# shellcheck disable=SC1090
source "$bash_file"

# What is offered for the last word of a line.
offer () {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _airailsctl
  printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' '
}

check "a command's beginning" test "$(offer airailsctl pub)" = publish
check "a command's below another" test "$(offer airailsctl gate d)" = decide
check "one's below two" test "$(offer airailsctl pki trust a)" = add
check "one's below a command that does something by itself" test "$(offer airailsctl run canc)" = cancel
check "an option" test "$(offer airailsctl sign --k)" = --key
check "options after an argument" holds " $(offer airailsctl publish built --) " " --registry "
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
touch dora.key
check "a file after an option that takes one" test "$(offer airailsctl sign --key dor)" = dora.key
check "no file after an option that takes a word" test -z "$(offer airailsctl pki key --type dor)"
check "a file as an argument" test "$(offer airailsctl check dor)" = dora.key
check "an option of the program" test "$(offer airailsctl --ver)" = --version

# The same lines in the other two shells: what they end in.
lines=("airailsctl pub" "airailsctl gate d" "airailsctl pki trust a" "airailsctl pki t" "airailsctl run canc"
  "airailsctl run --wa" "airailsctl sign --k" "airailsctl sign --key dor" "airailsctl pki key --type dor"
  "airailsctl check dor" "airailsctl --ver" "airailsctl pki trust add --ro")
ends=(publish decide add trust cancel --wait --key dora.key "" dora.key --version --role)

fish_offers () { fish -c "source '$fish_file'; complete -C '$1'" 2>&1 | cut -f1 | paste -sd' '; }
zsh_offers () { # the last word, as tab leaves it, when it is another than was typed
  local after
  after=$(timeout 20 zsh -f "$here/zsh-complete.zsh" "$(dirname "$zsh_file")" "$1")
  after=${after% } after=${after%=}
  [ "$after" = "$1" ] || printf '%s\n' "${after##* }"
}
for shell in fish zsh; do
  for i in "${!lines[@]}"; do
    if command -v "$shell" >/dev/null; then
      check "$shell: ${lines[i]}" test "$("${shell}_offers" "${lines[i]}")" = "${ends[i]}"
    else
      n=$((n + 1)); echo "ok $n - $shell: ${lines[i]} # SKIP skipped: $shell is not here"
    fi
  done
done
echo "1..$n"
