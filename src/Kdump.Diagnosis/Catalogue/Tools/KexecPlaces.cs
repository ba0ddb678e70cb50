using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>A piece that kexec wants to load, and where: <c>segment[0].mem = 0x200000</c> of its debug output.</summary>
public sealed record KexecSegment(Source Source, int Number, ulong Address) : Fact(Source);

/// <summary>A range that is reserved for the crash kernel, as /proc/iomem lists it.</summary>
public sealed record CrashRange(Source Source, ulong First, ulong Last) : Fact(Source);

/// <summary>A user typed kexec: to load a crash kernel (-p), or a kernel to start immediately (-l).</summary>
public sealed record KexecTyped(Source Source, bool Panic) : Fact(Source);

/// <summary>Somebody typed <c>echo c &gt; /proc/sysrq-trigger</c>, or a test of kdump says that it found no dump.</summary>
/// <param name="NoDump">It says that there is none.</param>
public sealed record CrashAsked(Source Source, bool NoDump) : Fact(Source);

/// <summary>Reads where kexec places its segments, and which ranges are reserved for them.</summary>
public sealed class KexecPlaces : LineParser
{
    public override string Kind => "kexec";

    public override IReadOnlyList<string> Signs => [": Crash kernel", "segment[", "kexec -", "crashkernel reserved: 0x",
        "crashkernel: reserved 0x", "/proc/sysrq-trigger", "No kcore found", "o vmcore found"];

    /// <summary>Reads an address; the C library prints a null pointer as (nil).</summary>
    private static bool Nil(TextCursor c, out ulong address)
    {
        address = 0;
        return c.Rest.StartsWith("(nil)", StringComparison.Ordinal);
    }

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text.Trim();
        var c = new TextCursor(text);
        if (text.EndsWith(": Crash kernel", StringComparison.Ordinal) && c.Hex(out ulong first) && c.Skip("-") && c.Hex(out ulong last))
        {
            facts.Add(new CrashRange(line.ToSource(), first, last));
            return true;
        }
        c = new TextCursor(text);
        if ((c.SkipPast("crashkernel reserved: ") || c.SkipPast("crashkernel: reserved ")) && c.Hex(out first) && c.Skip(" - ") &&
            c.Hex(out last) && last > first)
        {
            facts.Add(new CrashRange(line.ToSource(), first, last - 1));
            return true;
        }
        c = new TextCursor(text);
        if (c.Skip("segment[") && c.Number(out long number) && number is >= 0 and < 64 && c.Skip("].mem") && c.SkipPast("=") &&
            c.SkipSpaces() && (c.Hex(out ulong address) || Nil(c, out address)))
        {
            facts.Add(new KexecSegment(line.ToSource(), (int)number, address));
            return true;
        }
        if (text.IndexOf("/proc/sysrq-trigger", StringComparison.Ordinal) is > 0 and var trigger &&
            text[..trigger].IndexOf("echo", StringComparison.Ordinal) is >= 0 and var echo &&
            text[(echo + 4)..trigger].TrimStart(" \"'") is ['c', ' ' or '"' or '\'' or '>', ..])
        {
            facts.Add(new CrashAsked(line.ToSource(), NoDump: false));
            return true;
        }
        if (text.Contains("No kcore found", StringComparison.Ordinal) || text.Contains("No vmcore found", StringComparison.Ordinal) ||
            text.Contains("no vmcore found", StringComparison.Ordinal))
        {
            facts.Add(new CrashAsked(line.ToSource(), NoDump: true));
            return true;
        }
        int kexec = text.IndexOf("kexec -", StringComparison.Ordinal);
        if (kexec < 0 || (kexec > 0 && text[kexec - 1] is not (' ' or '/' or '$' or '#')))
            return false;
        bool panic = false, load = false;
        foreach (Range word in text[(kexec + "kexec ".Length)..].Split(' '))
        {
            ReadOnlySpan<char> w = text[(kexec + "kexec ".Length)..][word];
            bool letters = w.Length > 1 && w[0] == '-' && w[1] != '-';
            panic |= w.SequenceEqual("--load-panic") || (letters && w.Contains('p'));
            load |= w.SequenceEqual("--load") || w.SequenceEqual("--force") || (letters && w.Contains('l'));
        }
        if (!panic && !load)
            return false;
        facts.Add(new KexecTyped(line.ToSource(), panic));
        return true;
    }
}
