using System.CommandLine;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt completion bash|zsh|fish</c>: the shell asks kdt itself for the possible next words.</summary>
internal static class CompletionCommand
{
    public static Command Build(Context context)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion",
            "Print a completion script.\n\nExample: kdt completion bash > /etc/bash_completion.d/kdt") { shell };
        command.SetAction(parsed =>
        {
            context.Output.Write(ScriptFor(parsed.GetValue(shell)!));
            return ExitCode.Fine;
        });
        return command;
    }

    // bash has no descriptions: the script appends them to the list of several candidates, never to the word that is inserted.
    private static string ScriptFor(string shell) => shell switch
    {
        "bash" => """
            _kdt() {
                local line word wide=0 files= words=()
                COMPREPLY=()
                while IFS= read -r line; do
                    if [ "$line" = :files ]; then files=1; continue; fi
                    words+=("$line")
                    word=${line%%$'\t'*}
                    [ ${#word} -gt $wide ] && wide=${#word}
                done < <(kdt __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
                for line in "${words[@]}"; do
                    word=${line%%$'\t'*}
                    # 9 is a first Tab, 37 and 42 menus: what they show is also what they type.
                    if [ ${#words[@]} -gt 1 ] && [ "$COMP_TYPE" = 63 ] && [ "$line" != "$word"$'\t' ]; then
                        printf -v word '%-*s  (%s)' $wide "$word" "${line#*$'\t'}"
                    fi
                    COMPREPLY+=("$word")
                done
                if [ -n "$files" ] && [ ${#words[@]} -eq 0 ]; then compopt -o default; fi
            }
            complete -F _kdt kdt

            """,
        "zsh" => """
            #compdef kdt
            _kdt() {
                local line files=
                local -a found
                for line in "${(@f)$(kdt __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
                    if [[ $line == :files ]]; then files=1
                    elif [[ -n $line ]]; then found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}"); fi
                done
                (( ${#found} )) && _describe kdt found
                [[ -n $files ]] && _files
            }
            if [[ $funcstack[1] == _kdt ]]; then _kdt "$@"; else compdef _kdt kdt; fi

            """,
        _ => """
            function __kdt_complete
                set -l words (commandline -opc) (commandline -ct)
                for line in (kdt __complete $words[2..-1] 2>/dev/null)
                    if test "$line" = :files
                        __fish_complete_path (commandline -ct)
                    else
                        echo $line
                    end
                end
            end
            complete -c kdt -f -a '(__kdt_complete)'

            """,
    };
}
