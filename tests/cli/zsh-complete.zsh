# SPDX-License-Identifier: GPL-3.0-or-later
# usage: zsh -f zsh-complete.zsh FOLDER LINE: what becomes of LINE when a person presses tab at its end, in a real zsh
# that finds its completions in FOLDER.
zmodload zsh/zpty || exit 1
zpty z zsh -f -i
zpty -w z "PROMPT= RPROMPT=; unsetopt beep; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D;
show () { print -r -- \"<<\$BUFFER>>\"; BUFFER= }; zle -N show; bindkey '^I' complete-word; bindkey '^X' show; print READY"
until zpty -r -m z line '*READY*' && [[ $line != *print* ]]; do :; done
zpty -w -n z "$2"$'\t'$'\C-x'
zpty -r -m z line '*<<*>>*'
print -r -- ${${line##*<<}%%>>*}
zpty -d z
