using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel.Expressions;

namespace Kdump.Cli.Commands;

/// <summary>crash's dis: letters that may stand together (<c>-rl</c>), a place, and how many instructions.</summary>
internal static class ShellCode
{
    /// <param name="lines">The user gave a vmlinux: lines of the source are shown with or without -l.</param>
    /// <param name="invoke">Runs a command of kdt vmcore.</param>
    public static bool Run(string[] words, bool lines, Context here, Func<string[], Context, bool> invoke)
    {
        List<string> line = ["disasm"], places = [];
        foreach (string word in words)
        {
            if (word is not ['-', not '-', ..])
            {
                places.Add(word);
                continue;
            }
            foreach (char letter in word.AsSpan(1))
                switch (letter)
                {
                    case 'r': line.Add("--reverse"); break;
                    case 'f': line.Add("--forward"); break;
                    case 'l' when lines: break;
                    // Offsets and addresses are hexadecimal in any case.
                    case 'x': break;
                    default:
                        here.Error.WriteLine($"kdt: dis -{Printable.Escape($"{letter}")}: {Why(letter)}");
                        return false;
                }
        }
        // A long option of kdt itself has its value behind it.
        if (places.Exists(p => p.StartsWith("--", StringComparison.Ordinal)))
            return invoke([.. line, .. places], here);
        places = [.. TracePlace.Joined(places)];
        if (places.Count > 0)
            line.AddRange(["--at", places[0]]);
        if (places.Count > 1)
            line.AddRange(["--count", .. places[1..]]);
        return invoke([.. line], here);
    }

    private static string Why(char letter) => letter switch
    {
        'l' => CrashName.NoLines,
        's' => "the source itself is not read: dis -l has its lines",
        'u' => "code of a process is not disassembled: rd --pid N ADDRESS shows its bytes",
        _ => CrashName.NotHere,
    };
}
