using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Kdump.Fuzz.Running;

/// <summary>Something that no input may make kdt do.</summary>
/// <param name="Kind">exception, exit, fault, slow, output, hang, died, native-…</param>
internal sealed partial record Finding(string Target, int Command, string Kind, string Text, byte[] Input)
{
    private const int PerSignature = 3;

    private static readonly string[] Faults = ["this is a bug (", "could not judge:", "kdt has a fault"];

    /// <summary>The line of output that admits a fault of ours.</summary>
    public static string? FaultIn(ReadOnlySpan<char> text)
    {
        foreach (string fault in Faults)
        {
            int at = text.IndexOf(fault, StringComparison.Ordinal);
            if (at < 0)
                continue;
            int start = text[..at].LastIndexOf('\n') + 1, end = text[at..].IndexOf('\n');
            return text[start..(end < 0 ? text.Length : at + end)].ToString();
        }
        return null;
    }

    /// <summary>Findings that differ only in numbers and paths are one.</summary>
    public string Signature => Hash(Encoding.UTF8.GetBytes(Target + Kind +
        (Kind is "slow" or "output" or "hang" ? "" : Numbers().Replace(Text, "")) +
        Command))[..10];

    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];

    /// <summary>Writes the input, what it was packed into and the command; false where enough of its kind is there.</summary>
    public bool Save(string folder, Target target, Func<string, string> shown)
    {
        string place = Path.Combine(folder, Target, $"{Kind}-{Signature}");
        Directory.CreateDirectory(place);
        int number = Directory.GetFiles(place, "*.input").Length;
        if (number >= PerSignature)
            return false;
        byte[] packed = target.Pack(Input);
        File.WriteAllBytes(Path.Combine(place, $"{number}.c{Command}.input"), Input);
        string at = Path.Combine(place, $"{number}.file");
        if (!packed.AsSpan().SequenceEqual(Input))
            File.WriteAllBytes(at, packed);
        else
            at = Path.Combine(place, $"{number}.c{Command}.input");
        string words = string.Join(' ', target.Words(Command, "COMPANIONS", Input));
        File.WriteAllText(Path.Combine(place, $"{number}.txt"),
            $"kdt {words.Replace("COMPANIONS/input", shown(at), StringComparison.Ordinal)}\n{Kind}: {Text}\n");
        return number == 0;
    }

    [GeneratedRegex("/[^ ]*|0x[0-9a-f]+|[0-9a-f]{6,}|[0-9]+")]
    private static partial Regex Numbers();
}
