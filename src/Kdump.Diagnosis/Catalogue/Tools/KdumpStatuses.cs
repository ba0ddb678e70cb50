using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>Whether a crash kernel is loaded, in the words of a status command or of /sys.</summary>
/// <param name="Ready">A crash kernel is loaded.</param>
public sealed record KdumpStatus(Source Source, bool Ready) : Fact(Source);

/// <summary>How much memory is reserved, and how much kdumpctl estimate recommends.</summary>
/// <param name="Kind">reserved, recommended; below: less is reserved than this.</param>
public sealed record CrashMemory(Source Source, string Kind, long Megabytes) : Fact(Source);

/// <summary>
/// Reads pasted output about the state of kdump: <c>kdump-config show</c> and <c>status</c>, <c>kdumpctl status</c>, <c>showmem</c>
/// and <c>estimate</c>, <c>grep . /sys/kernel/kexec_crash_*</c>.
/// </summary>
public sealed class KdumpStatuses : LineParser
{
    private static readonly (string Words, bool Ready)[] States =
    [
        ("Not ready to kdump", false), ("Kdump is not operational", false), ("kexec_crash_loaded:0", false),
            ("kexec_crash_loaded=0", false), ("/proc/cmdline { not present }", false),
        ("ready to kdump", true), ("Kdump is operational", true), ("kexec_crash_loaded:1", true), ("kexec_crash_loaded=1", true),
    ];

    private const string Below = "Current crashkernel size is lower than recommended size ";

    public override string Kind => "kdump status";

    public override IReadOnlyList<string> Signs { get; } =
        [.. States.Select(s => s.Words), "Reserved crashkernel:", "Recommended crashkernel:", "MB memory for crash kernel",
            "kexec_crash_size", Below];

    public override bool Line(in TextLine line, Facts facts)
    {
        foreach ((string words, bool ready) in States)
        {
            if (line.Text.Contains(words, StringComparison.Ordinal))
            {
                facts.Add(new KdumpStatus(line.ToSource(), ready));
                return true;
            }
        }
        var c = new TextCursor(line.Text);
        if (c.SkipPast("Reserved crashkernel:"))
            return Size("reserved", c, line, facts);
        c = new TextCursor(line.Text);
        if (c.SkipPast("Recommended crashkernel:"))
            return Size("recommended", c, line, facts);
        c = new TextCursor(line.Text);
        if (c.SkipPast(Below) && c.Number(out long wanted) && wanted is > 0 and < 1 << 20)
        {
            facts.Add(new CrashMemory(line.ToSource(), "below", wanted));
            return true;
        }
        c = new TextCursor(line.Text);
        if (c.SkipPast("Reserved ") && c.Number(out long mb) && c.Skip("MB memory for crash kernel") && mb is >= 0 and < 1 << 20)
        {
            facts.Add(new CrashMemory(line.ToSource(), "reserved", mb));
            return true;
        }
        c = new TextCursor(line.Text);
        if (c.SkipPast("kexec_crash_size") && (c.Skip(":") || c.Skip("=")) && c.Number(out long bytes) && bytes >= 0)
        {
            facts.Add(new CrashMemory(line.ToSource(), "reserved", bytes >> 20));
            return true;
        }
        return false;
    }

    private static bool Size(string kind, TextCursor c, in TextLine line, Facts facts)
    {
        if (!c.SkipSpaces() || !c.Number(out long mb) || !c.Skip("M") || mb is < 0 or > 1 << 20)
            return false;
        facts.Add(new CrashMemory(line.ToSource(), kind, mb));
        return true;
    }
}
