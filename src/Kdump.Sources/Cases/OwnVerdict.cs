using System.Text;
using System.Text.RegularExpressions;

namespace Kdump.Sources.Cases;

/// <summary>
/// Recognises earlier output of <c>kdt explain</c> or the screen of kdump-probe that was saved next to the evidence. It quotes
/// evidence, which must not be counted twice.
/// </summary>
public static partial class OwnVerdict
{
    /// <summary>What such an input is called.</summary>
    public const string Kind = "verdict of kdt";

    /// <summary>The note of such an input; null if it is none.</summary>
    public static string? Of(ReadOnlySpan<byte> head)
    {
        string text = Encoding.Latin1.GetString(head);
        if (ScreenHead().IsMatch(text))
            return "the screen of kdump-probe is no evidence: give kdump-probe --json, or the kernel log with its lines";
        return Is(text) ? "no evidence: not read" : null;
    }

    private static bool Is(string text) =>
        text.StartsWith("Nothing wrong was found", StringComparison.Ordinal) ||
            text.StartsWith("No known trouble was found", StringComparison.Ordinal) ||
            text.StartsWith("No error was found in", StringComparison.Ordinal) ||
            text.Contains("\"schema\": \"kdt.", StringComparison.Ordinal) ||
            text.Contains("<header><p>kdt explain</p>", StringComparison.Ordinal) || FindingHead().IsMatch(text);

    /// <summary>The first line of the probe's screen, which stands alone where its output was saved.</summary>
    [GeneratedRegex(@"\A\s*kdump-probe [0-9][^\s:]*: (capture kernel|not a capture kernel|kernel|unknown kernel)\b", RegexOptions.None,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex ScreenHead();

    /// <summary><c>critical: title  [id, 97 %]</c>, which may be broken into lines.</summary>
    [GeneratedRegex(@"^(critical|error|warning|info): [\s\S]{1,600}?\[[a-z0-9-]+,\s+[0-9]{1,3}\s+%\]", RegexOptions.Multiline,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex FindingHead();
}
