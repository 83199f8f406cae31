import type { Answer } from "./values.ts";

/** The word by which a shell asks: `slipway __complete call dep` for `slipway call dep` and TAB. */
export const ASKED = "__complete";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * What a shell reads: the mode, the part of the word that stays, and a line for each word with what it is about.
 */
export function answerText({ mode, kept, words }: Answer): string {
  return [mode, kept, ...words.map(({ name, about }) => `${name}\t${about}`), ""].join("\n");
}

/**
 * The script that makes a shell complete `slipway`.
 *
 * @param program absolute path of what the shell asks; a word of the line that is typed is never run
 */
export function completionScript(shell: Shell, program: string): string {
  switch (shell) {
    case "bash":
      return BASH.replaceAll("PROGRAM", quoted(program));
    case "zsh":
      return ZSH.replaceAll("PROGRAM", quoted(program));
    case "fish":
      return FISH.replaceAll("PROGRAM", `'${program.replaceAll(/[\\']/g, (sign) => `\\${sign}`)}'`);
  }
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

const BASH = String.raw`# bash completion for slipway. Written by: slipway completion bash

_slipway() {
  local program=PROGRAM
  [[ -x $program ]] || program=$(type -P slipway) || return 0

  # The words up to the cursor as a person sees them. Bash parts them at = and : as well.
  local line=\${COMP_LINE:0:COMP_POINT} word index
  local -a words=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    if [[ $line == [[:space:]]* || \${#words[@]} -eq 0 ]]; then
      line=\${line#"\${line%%[![:space:]]*}"}
      words+=("")
    fi
    word=\${COMP_WORDS[index]}
    [[ $line == "$word"* ]] || word=$line
    words[-1]+=$word
    line=\${line#"$word"}
  done
  words=("\${words[@]//[\"\'\\]/}")

  local mode kept
  local -a found=()
  {
    IFS= read -r mode
    IFS= read -r kept
    mapfile -t found
  } < <("$program" ${ASKED} "\${words[@]:1}" 2>/dev/null)
  [[ -n $mode ]] || return 0

  # What readline puts in begins behind the last sign at which it parts words.
  local current=\${words[-1]} signs="" lead=""
  [[ $COMP_WORDBREAKS == *=* ]] && signs+="="
  [[ $COMP_WORDBREAKS == *:* ]] && signs+=":"
  [[ -n $signs ]] && lead=\${current%"\${current##*["$signs"]}"}

  local -a paths=()
  case $mode in
    files) mapfile -t paths < <(compgen -f -- "\${current#"$kept"}") ;;
    folders) mapfile -t paths < <(compgen -d -- "\${current#"$kept"}") ;;
    prefix) compopt -o nospace 2>/dev/null ;;
  esac
  [[ $mode == files || $mode == folders ]] && compopt -o filenames 2>/dev/null

  # A list that is only shown says what each word is about.
  local text width=0 isShown=""
  [[ $COMP_TYPE == 63 && \${#paths[@]} -eq 0 && \${#found[@]} -gt 1 ]] && isShown=1
  for word in "\${found[@]}"; do
    text=$kept\${word%%$'\t'*}
    ((\${#text} > width)) && width=\${#text}
  done
  COMPREPLY=()
  for word in "\${found[@]}"; do
    text=$kept\${word%%$'\t'*}
    if [[ -n $isShown && -n \${word#*$'\t'} ]]; then
      printf -v text '%-*s  (%s)' "$width" "$text" "\${word#*$'\t'}"
      text=\${text:0:\${COLUMNS:-80}}
    fi
    COMPREPLY+=("\${text#"$lead"}")
  done
  for word in "\${paths[@]}"; do
    text=$kept$word
    text=\${text#"$lead"}
    # A release file is a file as well.
    [[ " \${COMPREPLY[*]} " == *" $text "* ]] || COMPREPLY+=("$text")
  done
}

complete -o nosort -F _slipway slipway
`.replaceAll("\\$", "$");

const ZSH = String.raw`#compdef slipway
# zsh completion for slipway. Written by: slipway completion zsh

_slipway() {
  local program=PROGRAM
  [[ -x $program ]] || program=$(whence -p slipway) || return 1

  local -a given=()
  ((CURRENT > 2)) && given=("\${(@Q)words[2,CURRENT-1]}")
  local -a found=("\${(@f)$("$program" ${ASKED} "\${given[@]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  local mode=$found[1] kept=$found[2]
  [[ -n $mode ]] || return 1
  found=("\${(@)found[3,-1]}")
  ((\${#kept} > 0)) && compset -p \${#kept}

  local -a texts=() shown=() more=()
  local one width=0
  for one in "\${found[@]}"; do
    [[ -n $one ]] || continue
    texts+=("\${one%%$'\t'*}")
    ((\${#texts[-1]} > width)) && width=\${#texts[-1]}
  done
  for one in "\${found[@]}"; do
    [[ -n $one ]] || continue
    if [[ -n \${one#*$'\t'} ]]; then
      shown+=("\${(r:width:)one%%$'\t'*}  -- \${one#*$'\t'}")
    else
      shown+=("\${one%%$'\t'*}")
    fi
  done
  [[ $mode == prefix ]] && more=(-S "")
  local result=1
  ((\${#texts})) && compadd -l -d shown "\${more[@]}" -V slipway -a texts && result=0
  [[ $mode == files ]] && _files && result=0
  [[ $mode == folders ]] && _files -/ && result=0
  return result
}

# Found by compinit in a folder of fpath, or read by source.
if [[ $funcstack[1] == _slipway ]]; then
  _slipway "$@"
elif (($+functions[compdef])); then
  compdef _slipway slipway
else
  print -u2 "slipway: run compinit before this (autoload -U compinit; compinit)"
fi
`.replaceAll("\\$", "$");

const FISH = String.raw`# fish completion for slipway. Written by: slipway completion fish

function __slipway_complete
    set -l program PROGRAM
    test -x $program; or set program (command -s slipway); or return
    set -l given (commandline -opc)
    set -e given[1]
    set -l current (commandline -ct | string unescape)
    test (count $current) -gt 0; or set current ''
    set -l found ($program ${ASKED} $given "$current" 2>/dev/null)
    set -l mode $found[1]
    set -l kept $found[2]
    test -n "$mode"; or return
    for one in $found[3..-1]
        printf '%s%s\n' "$kept" "$one"
    end
    set -l rest (string sub --start (math (string length -- "$kept") + 1) -- "$current")
    switch $mode
        case files
            for path in (__fish_complete_path "$rest")
                printf '%s%s\n' "$kept" "$path"
            end
        case folders
            for path in (__fish_complete_directories "$rest" '')
                printf '%s%s\n' "$kept" "$path"
            end
    end
end

complete -c slipway -e
complete -c slipway -f -k -a '(__slipway_complete)'
`;
