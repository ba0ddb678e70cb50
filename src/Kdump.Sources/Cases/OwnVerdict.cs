using System.Text;
using System.Text.RegularExpressions;

namespace Kdump.Sources.Cases;

/// <summary>
/// Recognises earlier output of <c>kdt explain</c> that was saved next to the evidence. It quotes evidence, which must not be
/// counted twice.
/// </summary>
public static partial class OwnVerdict
{
    /// <summary>What such an input is called.</summary>
    public const string Kind = "verdict of kdt";

    public static bool Is(ReadOnlySpan<byte> head)
    {
        string text = Encoding.Latin1.GetString(head);
        return text.StartsWith("Nothing wrong was found", StringComparison.Ordinal) ||
            text.StartsWith("No known trouble was found", StringComparison.Ordinal) ||
            text.StartsWith("No error was found in", StringComparison.Ordinal) ||
            text.Contains("\"schema\": \"kdt.", StringComparison.Ordinal) ||
            text.Contains("<header><p>kdt explain</p>", StringComparison.Ordinal) || FindingHead().IsMatch(text);
    }

    /// <summary><c>critical: title  [id, 97 %]</c>, which may be broken into lines.</summary>
    [GeneratedRegex(@"^(critical|error|warning|info): [\s\S]{1,600}?\[[a-z0-9-]+,\s+[0-9]{1,3}\s+%\]", RegexOptions.Multiline,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex FindingHead();
}
