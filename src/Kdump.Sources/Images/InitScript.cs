using System.Text.RegularExpressions;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;

namespace Kdump.Sources.Images;

/// <summary>
/// /init as a shell script (dracut's loader of a squashed root, its init without systemd, initramfs-tools'): commands that it starts and
/// cannot do without. A busybox of the suite may lack an applet that the script's author had.
/// </summary>
internal static partial class InitScript
{
    /// <summary>Characters; longer scripts and lines are none of those tools'.</summary>
    private const int MaxScript = 256 << 10, MaxLine = 4096;

    /// <summary>Adds a fact for each of these programs that the script starts and the image lacks.</summary>
    public static void Judge(ImageView view, ImageNode init, Facts facts)
    {
        if (init.Kind != ContentKind.Script || init.Content.Length > MaxScript || view.Text(init.Path) is not { } text)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n').Where(l => l.Length <= MaxLine && !l.TrimStart().StartsWith('#')))
        {
            foreach (Match match in Command().Matches(line))
            {
                string name = match.Groups[1].Value;
                if (seen.Add(name) && view.Program(name) is null && !IsGuarded(text, name))
                    facts.Add(new ConfiguredProgramMissing(view.Quote(init, line.Trim()), init.Path, name));
            }
        }
    }

    /// <summary>A function of the script has this name, or the script looks whether the program is there.</summary>
    private static bool IsGuarded(string text, string name) => Regex.IsMatch(text,
        $@"(^|\s){name}\s*\(\)|\b(command -v|type|which|hash)\s+{name}\b|-x\s+\S*/{name}\b",
        RegexOptions.Multiline | RegexOptions.CultureInvariant);

    /// <summary>One of the programs where a command stands, behind variables that are set for it alone.</summary>
    [GeneratedRegex(@"(?:^|&&|\|\||[;|({!]|\b(?:then|do|else|if|elif|while|until|exec)\s)\s*(?:\w+=\S*\s+)*(?:exec\s+)?" +
        @"(mount|mkdir|switch_root|run-init)(?=\s|$)")]
    private static partial Regex Command();
}
