using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>/proc/iomem, as it was pasted.</summary>
/// <param name="CrashKernel">Memory is reserved for a crash kernel.</param>
public sealed record IomemListed(Source Source, bool CrashKernel) : Fact(Source);

/// <summary>Reads /proc/iomem for one thing: whether it has a line <c>… : Crash kernel</c> (kernel/crash_reserve.c).</summary>
public sealed class IomemListing : LineParser
{
    private const string Ram = " : System RAM", Crash = " : Crash kernel";

    private Source? ram, crash;

    public override string Kind => "/proc/iomem";

    public override IReadOnlyList<string> Signs { get; } = [Ram, Crash];

    public override bool Line(in TextLine line, Facts facts)
    {
        string text = line.Text.Trim(' ').ToString();
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash <= 0 || !text[..dash].All(char.IsAsciiHexDigit))
            return false;
        if (text.EndsWith(Crash, StringComparison.Ordinal))
            crash ??= line.ToSource();
        else
            ram ??= line.ToSource();
        return true;
    }

    public override void End(Facts facts)
    {
        if ((crash ?? ram) is { } source)
            facts.Add(new IomemListed(source, crash is not null));
        (ram, crash) = (null, null);
    }
}
