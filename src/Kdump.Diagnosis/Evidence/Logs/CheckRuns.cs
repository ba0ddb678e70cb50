using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A check of a file system in dracut's initramfs ended with a status that is no success.</summary>
/// <param name="Program">The checker: <c>e2fsck</c>, <c>fsck.f2fs</c>.</param>
/// <param name="Device">Empty where the line that names it was not printed.</param>
/// <param name="Status">The bits of fsck(8).</param>
public sealed record CheckEnded(Source Source, Source? Begun, string Program, string Device, int Status) : Fact(Source);

/// <summary>
/// <c>issuing e2fsck -a  /dev/sda1</c> and <c>e2fsck returned with 4</c> (dracut modules.d/99fs-lib/fs-lib.sh); the first is printed only
/// where rd.info or a log shows dracut's information.
/// </summary>
public sealed class CheckRuns : LineParser
{
    private static readonly string[] Checkers = ["e2fsck", "fsck", "jfs_fsck", "reiserfsck", "btrfsck", "btrfs", "xfs_repair", "xfs_db"];

    private (Source Source, string Program, string Device)? begun;
    private Boot? boot;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } = [": issuing ", " returned with "];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Kernel.Message;
        if (facts.Boot != boot)
            (boot, begun) = (facts.Boot, null);
        const string Issuing = "issuing ", Returned = " returned with ";
        if (text.IndexOf(Issuing, StringComparison.Ordinal) is >= 0 and var at)
        {
            string[] words = text[(at + Issuing.Length)..].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && IsChecker(words[0]) && words[^1].StartsWith("/dev/", StringComparison.Ordinal))
                begun = (line.ToSource(), words[0], words[^1]);
            return false;
        }
        int end = text.IndexOf(Returned, StringComparison.Ordinal);
        if (end <= 0)
            return false;
        int start = text[..end].LastIndexOf(' ') + 1;
        string program = text[start..end].ToString();
        // Scripts and installers check file systems, too: dracut says its name, unless only its words were copied.
        ReadOnlySpan<char> head = line.Text[..(line.Text.Length - text.Length + start)].TrimEnd();
        if (!IsChecker(program) || (head.EndsWith(":", StringComparison.Ordinal) && !head.Contains("dracut", StringComparison.Ordinal) &&
            !head.EndsWith("kernel:", StringComparison.Ordinal)))
            return false;
        if (!int.TryParse(text[(end + Returned.Length)..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int status) ||
            status is < 4 or > 255)
            return false;
        bool same = begun is { } run && run.Program == program;
        facts.Add(new CheckEnded(line.ToSource(), same ? begun!.Value.Source : null, program, same ? begun!.Value.Device : "", status));
        begun = null;
        return true;
    }

    public override void End(Facts facts) => (begun, boot) = (null, null);

    private static bool IsChecker(string program) => Array.IndexOf(Checkers, program) >= 0 ||
        program.StartsWith("fsck.", StringComparison.Ordinal);
}
