#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual and the completions that are made of the table of commands. TAP.
# usage: test-cli-docs.sh AIRAILSCTL MAN BASH ZSH FISH
set -uo pipefail
ctl=$1 man=$2 bash_file=$3 zsh_file=$4 fish_file=$5
n=0

check () { # words status
  n=$((n + 1))
  if [ "$2" = 0 ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; fi
}

# Every command the help lists, and those below it: "pki trust add".
list () { # prefix words...
  local name
  "$ctl" "$@" help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' | while read -r name; do
    if "$ctl" "$@" "$name" --help 2>/dev/null | grep -q '^usage: .* COMMAND'; then list "$@" "$name"; else echo "$* $name" | sed 's/^ //'; fi
  done
}

if command -v mandoc >/dev/null; then
  lint=$(mandoc -T lint "$man" 2>&1 | grep -v 'referenced manual not found')
  [ -z "$lint" ]; check "the manual is sound mdoc" $?
  [ -z "$lint" ] || printf '%s\n' "$lint" | head -n 20 | sed 's/^/# /'
else
  n=$((n + 1)); echo "ok $n - the manual is sound mdoc # SKIP skipped: mandoc is not here"
fi

commands=$(list)
[ "$(printf '%s\n' "$commands" | wc -l)" -gt 20 ]; check "there are commands" $?
missing=
while read -r command; do
  grep -qx "\.Ss $command" "$man" || missing="$missing man:$command"
  grep -qF "'$command')" "$bash_file" || missing="$missing bash:$command"
  grep -q "^_airailsctl_$(printf %s "$command" | tr ' -' '__') ()" "$zsh_file" || missing="$missing zsh:$command"
  grep -qF -- "-a ${command##* } -d" "$fish_file" || missing="$missing fish:$command"
done <<<"$commands"
[ -z "$missing" ]; check "each command stands in all four${missing:+: missing$missing}" $?

bash -n "$bash_file"; check "bash reads its completion" $?
# shellcheck disable=SC1090
source "$bash_file"

# What is offered for the last word of a line.
offer () {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _airailsctl
  printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' '
}

[ "$(offer airailsctl pub)" = publish ]; check "a command's beginning" $?
[ "$(offer airailsctl gate d)" = decide ]; check "a command's below another" $?
[ "$(offer airailsctl pki trust a)" = add ]; check "one's below two" $?
[ "$(offer airailsctl sign --k)" = --key ]; check "an option" $?
[[ " $(offer airailsctl publish built --) " == *" --registry "* ]]; check "options after an argument" $?
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
touch dora.key
[ "$(offer airailsctl sign --key dor)" = dora.key ]; check "a file after an option that takes one" $?
[ -z "$(offer airailsctl pki key --type dor)" ]; check "no file after an option that takes a word" $?
[ "$(offer airailsctl check dor)" = dora.key ]; check "a file as an argument" $?
[ "$(offer airailsctl --ver)" = --version ]; check "an option of the program" $?
echo "1..$n"
