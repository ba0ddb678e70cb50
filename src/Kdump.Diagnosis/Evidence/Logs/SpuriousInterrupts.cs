using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>An interrupt occurred repeatedly and no handler claimed it (kernel/irq/spurious.c).</summary>
/// <param name="Irq">Its number.</param>
/// <param name="Handlers">The handlers that were asked: <c>ssp_int [spi_pxa2xx_platform]</c>; empty where none are listed.</param>
/// <param name="Disabled">The line that says that it was switched off.</param>
public sealed record SpuriousInterrupt(Source Source, int Irq, IReadOnlyList<Source> Handlers, Source? Disabled) : Fact(Source);

/// <summary>Reads <c>irq 21: nobody cared</c>, the list of its handlers and <c>Disabling IRQ #21</c>.</summary>
public sealed class SpuriousInterrupts : LineParser
{
    /// <summary>A stack stands between the head and the list.</summary>
    private const int MaxLines = 96, MaxHandlers = 8, MaxInterrupts = 64;

    private const string Head = ": nobody cared", Off = "Disabling IRQ #";

    private readonly List<Source> handlers = [];
    private Source? head;
    private Boot? boot;
    private int irq, left, seen;
    private bool listing;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => [Head, "handlers:", Off];

    public override bool Busy => left > 0;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> m = line.Kernel.Message;
        var c = new TextCursor(m);
        if (c.SkipPast("irq ") && c.Number(out long number) && c.Skip(Head) && number is >= 0 and < 1 << 20)
        {
            End(facts);
            if (seen++ >= MaxInterrupts)
                return true;
            (head, irq, left, listing, boot) = (line.ToSource(), (int)number, MaxLines, false, facts.Boot);
            return true;
        }
        if (head is null)
            return false;
        if (m.TrimEnd().EndsWith("handlers:", StringComparison.Ordinal))
        {
            listing = true;
            return true;
        }
        c = new TextCursor(m);
        if (!c.SkipPast(Off) || !c.Number(out number) || number != irq)
            return false;
        Tell(facts, line.ToSource());
        return true;
    }

    /// <summary><c>[&lt;…&gt;] ssp_int [spi_pxa2xx_platform]</c>, perhaps with <c>threaded [&lt;…&gt;] name</c> behind.</summary>
    public override bool Within(in TextLine line, Facts facts)
    {
        left--;
        ReadOnlySpan<char> m = line.Kernel.Message.Trim();
        if (listing && m.StartsWith("[<", StringComparison.Ordinal) && handlers.Count < MaxHandlers)
        {
            handlers.Add(line.ToSource());
            return true;
        }
        if (left == 0)
            End(facts);
        return false;
    }

    public override void End(Facts facts)
    {
        if (head is not null)
            Tell(facts, null);
        if (left == 0)
            seen = 0;
    }

    private void Tell(Facts facts, Source? disabled)
    {
        facts.Add(new SpuriousInterrupt(head!, irq, [.. handlers], disabled) { Boot = boot });
        handlers.Clear();
        (head, left, listing) = (null, 0, false);
    }
}
