using System.CommandLine;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt completion bash|zsh|fish</c>: the shell asks kdt itself for the possible next words.</summary>
internal static class CompletionCommand
{
    public static Command Build(Context context) => Build(context, "kdt");

    /// <param name="program">The one whose words are completed.</param>
    public static Command Build(Context context, string program)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion",
            $"Print a completion script.\n\nExample: {program} completion bash > /etc/bash_completion.d/{program}") { shell };
        command.SetAction(parsed =>
        {
            context.Output.Write(ScriptFor(parsed.GetValue(shell)!).Replace("PROGRAM", program, StringComparison.Ordinal));
            return ExitCode.Fine;
        });
        return command;
    }

    // bash has no descriptions: the script appends them to the list of several candidates, never to the word that is inserted.
    private static string ScriptFor(string shell) => shell switch
    {
        "bash" => """
            _PROGRAM() {
                local line word wide=0 files= folders= words=()
                COMPREPLY=()
                while IFS= read -r line; do
                    if [ "$line" = :files ]; then files=1; continue; fi
                    if [ "$line" = :folders ]; then folders=1; continue; fi
                    words+=("$line")
                    word=${line%%$'\t'*}
                    [ ${#word} -gt $wide ] && wide=${#word}
                done < <(PROGRAM __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
                for line in "${words[@]}"; do
                    word=${line%%$'\t'*}
                    # 9 is a first Tab, 37 and 42 menus: what they show is also what they type.
                    if [ ${#words[@]} -gt 1 ] && [ -z "$files" ] && [ "$COMP_TYPE" = 63 ] && [ "$line" != "$word"$'\t' ]; then
                        printf -v word '%-*s  (%s)' $wide "$word" "${line#*$'\t'}"
                    fi
                    COMPREPLY+=("$word")
                done
                if [ -n "$folders" ]; then
                    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "${COMP_WORDS[COMP_CWORD]}")
                    compopt -o filenames 2>/dev/null
                    return
                fi
                [ -n "$files" ] || return
                if [ ${#words[@]} -eq 0 ]; then compopt -o default 2>/dev/null; return; fi
                # A command below and files may stand here: kdt log diff, kdt log FILE.
                while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
                compopt -o filenames 2>/dev/null
            }
            complete -F _PROGRAM PROGRAM

            """,
        "zsh" => """
            #compdef PROGRAM
            _PROGRAM() {
                local line files= folders=
                local -a found
                for line in "${(@f)$(PROGRAM __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
                    if [[ $line == :files ]]; then files=1
                    elif [[ $line == :folders ]]; then folders=1
                    elif [[ -n $line ]]; then found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}"); fi
                done
                (( ${#found} )) && _describe PROGRAM found
                [[ -n $folders ]] && _files -/
                [[ -n $files ]] && _files
            }
            if [[ $funcstack[1] == _PROGRAM ]]; then _PROGRAM "$@"; else compdef _PROGRAM PROGRAM; fi

            """,
        _ => """
            function __PROGRAM_complete
                set -l words (commandline -opc) (commandline -ct)
                for line in (PROGRAM __complete $words[2..-1] 2>/dev/null)
                    if test "$line" = :files
                        __fish_complete_path (commandline -ct)
                    else if test "$line" = :folders
                        __fish_complete_directories (commandline -ct) ''
                    else
                        echo $line
                    end
                end
            end
            complete -c PROGRAM -f -a '(__PROGRAM_complete)'

            """,
    };
}
