using System.CommandLine;
using Kdump.Cli.Terminals;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt completion bash|zsh|fish</c>: the shell asks the program itself what may come next.</summary>
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

    private static string ScriptFor(string shell) => shell switch
    {
        "bash" => """
            _kdt() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$(kdt "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _kdt kdt

            """,
        "zsh" => """
            #compdef kdt
            _kdt() {
                local -a words_found
                words_found=("${(@f)$(kdt "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
                compadd -- $words_found
                _files
            }
            compdef _kdt kdt

            """,
        _ => """
            function __kdt_complete
                set -l line (commandline -cp)
                kdt "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c kdt -a '(__kdt_complete)'

            """,
    };
}
