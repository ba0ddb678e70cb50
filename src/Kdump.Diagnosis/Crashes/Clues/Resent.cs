namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>An interrupt that was pending while its line was off is sent again by software, without a device behind it
/// (kernel/irq/resend.c): in a crash kernel it is one that the crashed kernel left.</summary>
internal static class Resent
{
    public static IEnumerable<Clue> Read(ClueInput input)
    {
        string? handler = null, before = null;
        ReportLine? resend = null;
        foreach (ReportLine line in input.Lines)
        {
            if (line.Guess)
                continue;
            string name = line.Text.AsSpan().TrimStart(' ') is { } text && text.IndexOf("+0x", StringComparison.Ordinal) is > 0 and var plus
                ? text[..plus].ToString() : "";
            if (name.Contains("handle_irq_event_percpu", StringComparison.Ordinal))
                handler ??= before;
            resend ??= handler is not null && name is "resend_irqs" or "check_irq_resend" ? line : null;
            before = name;
        }
        if (resend is not { } at || handler is not { Length: > 0 })
            yield break;
        yield return new Clue("interrupt-resent",
            "An interrupt that was still pending was sent again by software " +
            $"(resend_irqs) as soon as its line was requested, and its handler {handler}() ran before what it serves was set up. " +
            "In a crash kernel that interrupt was left by the crashed one; " +
            "it is a fault of the kernel, not a lack of memory.", input.SourceOf(at));
    }
}
