using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>Number of messages of one function that the kernel left out: lib/ratelimit.c.</summary>
/// <param name="Function">As printed: <c>aer_ratelimit</c>, <c>blk_print_req_error</c>.</param>
public sealed record Suppressed(Source Source, string Function, long Count) : Fact(Source)
{
    /// <summary>How many messages of these functions were left out in this kernel's life.</summary>
    public static long Of(Facts facts, Boot? boot, params ReadOnlySpan<string> functions)
    {
        long sum = 0;
        foreach (Suppressed s in facts.Of<Suppressed>())
        {
            foreach (string function in functions)
            {
                if (s.Boot == boot && s.Function == function)
                    sum += Math.Min(s.Count, uint.MaxValue);
            }
        }
        return sum;
    }
}

/// <summary><c>aer_ratelimit: 8156 callbacks suppressed</c>, since 6.17 <c>… output lines suppressed due to ratelimiting</c></summary>
public sealed class SuppressedLines : LineParser
{
    /// <summary>Functions whose messages are counted by the rules that read them.</summary>
    private static readonly string[] Counted =
        ["aer_ratelimit", "aer_print_error", "pci_print_aer", "blk_print_req_error", "print_req_error", "blk_update_request",
            "buffer_io_error"];

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => [" callbacks suppressed"];

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Kernel.Message);
        if (!c.Before(": ", out ReadOnlySpan<char> name) || !c.Number(out long count) || count < 1 ||
            !c.Rest.StartsWith(" callbacks suppressed", StringComparison.Ordinal))
            return false;
        foreach (string function in Counted)
        {
            if (!name.SequenceEqual(function))
                continue;
            facts.Add(new Suppressed(line.ToSource(), function, count));
            return true;
        }
        return false;
    }
}
