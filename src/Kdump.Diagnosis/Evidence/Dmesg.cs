namespace Kdump.Diagnosis.Evidence;

/// <summary>A kernel introduced itself: <c>Linux version 6.1.0-50-amd64 (…)</c>.</summary>
public sealed record KernelBanner(Source Source, string Release) : Fact(Source);

/// <summary>The command line a kernel printed, or a capture of /proc/cmdline.</summary>
public sealed record KernelCommandLine(Source Source, string Text) : Fact(Source);

/// <summary>
/// Kernel messages: the boots in them, and the lines that tell why a device, the memory or the dump failed. Each family of lines has a
/// reader of its own; this one splits the input into boots and hands the lines on.
/// </summary>
public sealed class Dmesg : LineParser
{
    private double lastTime;

    public override string Kind => "kernel log";

    public override bool Line(in TextLine line, Facts facts)
    {
        KernelLine kernel = KernelLine.Parse(line.Text);
        if (kernel.Message.StartsWith("Linux version ", StringComparison.Ordinal))
        {
            var c = new TextCursor(kernel.Message["Linux version ".Length..]);
            StartBoot(line, facts, c.Word().ToString());
            lastTime = 0;
            return true;
        }
        if (kernel.Time is double time)
        {
            // A clock that starts again is a new kernel even where its banner was lost (quiet, or a late serial console).
            if (time + 10 < lastTime && time < 10 && facts.Boot is not null)
                StartBoot(line, facts, release: null);
            lastTime = time;
        }
        bool taken = CommandLineOf(kernel.Message, line, facts) ||
            ProbeErrors.Read(kernel, line, facts) || MemoryTrouble.Read(kernel, line, facts) || DumpSteps.Read(kernel, line, facts);
        return taken || kernel.Stamped;
    }

    /// <summary>What a kernel command line says of who runs: only the capture kernel is given elfcorehdr=.</summary>
    public static void Judge(Boot boot, string commandLine, Source source)
    {
        boot.CommandLine = commandLine;
        boot.Capture = commandLine.Contains("elfcorehdr=", StringComparison.Ordinal);
        boot.CaptureEvidence = source;
    }

    private static void StartBoot(in TextLine line, Facts facts, string? release)
    {
        // The part of an input before its first banner is boot 0; an input that begins with a banner has no such part.
        int index = facts.Boot is { } b && b.Input == line.Input ? b.Index + 1 : 0;
        facts.Boot = new Boot(line.Input, index) { Release = release };
        if (release is not null)
            facts.Add(new KernelBanner(line.ToSource(), release));
    }

    private static bool CommandLineOf(ReadOnlySpan<char> message, in TextLine line, Facts facts)
    {
        var c = new TextCursor(message);
        if (!c.Skip("Kernel command line: ") && !c.Skip("Command line: "))
            return false;
        string text = c.Rest.Trim().ToString();
        Source source = line.ToSource();
        facts.Add(new KernelCommandLine(source, text));
        if (facts.Boot is not null)
            Judge(facts.Boot, text, source);
        return true;
    }
}
