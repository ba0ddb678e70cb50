using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A kernel introduced itself: <c>Linux version 6.1.0-50-amd64 (…)</c>.</summary>
public sealed record KernelBanner(Source Source, string Release) : Fact(Source);

/// <summary>The command line a kernel printed, or a capture of /proc/cmdline.</summary>
public sealed record KernelCommandLine(Source Source, string Text) : Fact(Source);

/// <summary>A trace header says that a crash kernel is loaded: <c>CPU: 0 PID: 186 Comm: sh Kdump: loaded …</c>.</summary>
public sealed record CrashKernelLoaded(Source Source) : Fact(Source);

/// <summary>
/// Kernel messages: the boots in them, and the lines that tell why a device, the memory or the dump failed. Each family of lines has a
/// reader of its own; this one splits the input into boots and hands the lines on.
/// </summary>
public sealed class Dmesg : LineParser
{
    private double lastTime;
    private bool kernelSpoke;
    private bool replay;
    private bool commandLineNext;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } =
    [
        "SeaBIOS (version ", "GNU GRUB  version ", "U-Boot 20", "Booting `", "Linux version ", "dmesg", "/var/log/", "/proc/cmdline",
            "ommand line: ", "BOOT_IMAGE=", " Kdump: loaded ", "for elfcore", "Kdump Vmcore Save Service",
        "kdump: saving to ", "]: saving to /", ProbeMark.Prefix, .. ProbeErrors.SignTexts, .. MemoryTrouble.SignTexts,
            .. DumpSteps.SignTexts,
    ];

    public override bool Busy => commandLineNext || replay;

    public override bool SeesAll => true;

    public override bool Pass(in TextLine line, Facts facts)
    {
        if (line.Kernel.Time is double time)
            Clock(time, line, facts);
        kernelSpoke |= line.Kernel.Stamped;
        return line.Kernel.Stamped;
    }

    public override bool Line(in TextLine line, Facts facts)
    {
        if (StartsOver(line.Text))
        {
            if (kernelSpoke)
                StartBoot(line, facts, release: null);
            return true;
        }
        ReadOnlySpan<char> text = BannerBehindNoise(line.Text);
        KernelLine kernel = text.Length == line.Text.Length ? line.Kernel : KernelLine.Parse(text);
        if (IsBanner(kernel.Message, out ReadOnlySpan<char> release))
        {
            Banner(release, line, facts);
            return true;
        }
        if (kernel.Time is double time)
            Clock(time, line, facts);
        if (!kernel.Stamped && ShellCommand(line.Text, out ReadOnlySpan<char> command))
        {
            // What dmesg prints into a console is the past of the same boot, not a new one.
            replay = command.StartsWith("dmesg", StringComparison.Ordinal) || command.Contains("/var/log/", StringComparison.Ordinal);
            commandLineNext = command.Contains("/proc/cmdline", StringComparison.Ordinal);
            return false;
        }
        // The probe's own lines quote others; its reader takes them apart.
        if (kernel.Message.StartsWith(ProbeMark.Prefix, StringComparison.Ordinal))
            return false;
        // Who speaks and how far the dump got may stand in one line.
        bool identity = Identity(kernel.Message, line, facts);
        bool taken = CommandLineOf(kernel.Message, line, facts) || (identity && DumpSteps.Read(kernel, line, facts)) || identity ||
            ProbeErrors.Read(kernel, line, facts) || MemoryTrouble.Read(kernel, line, facts) || DumpSteps.Read(kernel, line, facts);
        kernelSpoke |= kernel.Stamped;
        return taken || kernel.Stamped;
    }

    public override void End(Facts facts)
    {
        kernelSpoke = replay = commandLineNext = false;
        lastTime = 0;
    }

    /// <summary>
    /// What a kernel command line says of who runs. Only a capture kernel is given elfcorehdr=, and kdump services take crashkernel= out
    /// of its command line. Machines with a device tree tell the header's place there instead: on them its absence proves nothing.
    /// </summary>
    public static void Judge(Boot boot, string commandLine, Source source, bool x86 = false)
    {
        boot.CommandLine ??= commandLine;
        x86 |= boot.Release?.Contains("x86_64", StringComparison.Ordinal) == true ||
            boot.Release?.Contains("amd64", StringComparison.Ordinal) == true;
        int header = commandLine.IndexOf("elfcorehdr=", StringComparison.Ordinal);
        // Of a long line the words that prove it.
        if (header >= 0)
            boot.Decide(capture: true, source with { Text = commandLine[header..Math.Min(commandLine.Length, header + Source.MaxText)] });
        // With firmware-assisted dump (powerpc) both kernels have the same command line.
        else if (x86 || (commandLine.Contains("crashkernel=", StringComparison.Ordinal) &&
            !commandLine.Contains("fadump=", StringComparison.Ordinal)))
            boot.Decide(capture: false, source);
    }

    private void Banner(ReadOnlySpan<char> release, in TextLine line, Facts facts)
    {
        bool repeated = replay && facts.Boot?.Release is { } known && release.SequenceEqual(known);
        // Early microcode speaks before the banner: the clock has then already started the boot that this banner names.
        bool names = facts.Boot is { Release: null, CommandLine: null, Index: > 0 } && lastTime < 1;
        if (names)
            facts.Boot!.Release = release.ToString();
        else if (!repeated)
            StartBoot(line, facts, release.ToString());
        if (!repeated)
            facts.Add(new KernelBanner(line.ToSource(), release.ToString()));
        replay = false;
        kernelSpoke = true;
        lastTime = 0;
    }

    /// <summary>A clock that starts again is a new kernel even where its banner was lost (quiet, or a late serial console).</summary>
    private void Clock(double time, in TextLine line, Facts facts)
    {
        if (time + 10 < lastTime)
        {
            if (!replay && time < 10)
                StartBoot(line, facts, release: null);
            replay = false;
        }
        lastTime = time;
    }

    private void StartBoot(in TextLine line, Facts facts, string? release)
    {
        // The part of an input before its first kernel is boot 0; an input that begins with a banner has no such part.
        Boot? before = facts.Boot is { } b && b.Input == line.Input ? b : null;
        bool empty = before is { Index: 0 } && !kernelSpoke && release is not null;
        facts.Boot = new Boot(line.Input, (before?.Index ?? -1) + 1) { Release = release, Previous = empty ? null : before };
        kernelSpoke = replay = false;
        lastTime = 0;
    }

    /// <summary>Firmware speaks: whatever ran before is over.</summary>
    private static bool StartsOver(ReadOnlySpan<char> text) =>
        text.StartsWith("SeaBIOS (version ", StringComparison.Ordinal) || text.Contains("GNU GRUB  version ", StringComparison.Ordinal) ||
        text.StartsWith("U-Boot 20", StringComparison.Ordinal) || text.StartsWith("Booting `", StringComparison.Ordinal);

    private static bool IsBanner(ReadOnlySpan<char> message, out ReadOnlySpan<char> release)
    {
        var c = new TextCursor(message);
        bool banner = c.Skip("Linux version ") && c.Rest.Length > 0 && char.IsAsciiDigit(c.Rest[0]);
        release = banner ? c.Word() : default;
        return banner;
    }

    /// <summary>
    /// The line from its kernel stamp on, where firmware, purgatory or a dying kernel left an unfinished line before a banner.
    /// </summary>
    private ReadOnlySpan<char> BannerBehindNoise(ReadOnlySpan<char> text)
    {
        int at = text.IndexOf("[    0.000000] Linux version ", StringComparison.Ordinal);
        if (at <= 0)
            return text;
        ReadOnlySpan<char> noise = text[..at];
        bool expected = !kernelSpoke || KernelLine.Parse(noise).Stamped || noise.Contains("Probing EDD", StringComparison.Ordinal) ||
            noise.Contains("purgatory", StringComparison.Ordinal) || noise.Contains("Booting", StringComparison.Ordinal);
        return expected ? text[at..] : text;
    }

    /// <summary><c>initqueue:/# dmesg | grep blk</c>: a prompt and what was typed behind it.</summary>
    private static bool ShellCommand(ReadOnlySpan<char> text, out ReadOnlySpan<char> command)
    {
        int prompt = text.IndexOf("# ", StringComparison.Ordinal);
        bool shell = prompt is >= 0 and < 80 &&
            (prompt == 0 || text[prompt - 1] is '/' or ']' or ' ' or ')' || text[..prompt].Contains(":/", StringComparison.Ordinal));
        command = shell ? text[(prompt + 2)..].Trim() : default;
        return shell && command.Length > 0;
    }

    private bool CommandLineOf(ReadOnlySpan<char> message, in TextLine line, Facts facts)
    {
        var c = new TextCursor(message);
        // The short form is printed by arch/x86/kernel/setup.c alone.
        bool x86 = c.Skip("Command line: ");
        bool printed = x86 || c.Skip("Kernel command line: ");
        bool asked = !printed && (commandLineNext || message.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal));
        commandLineNext = false;
        if (!printed && !asked)
            return false;
        string text = c.Rest.Trim().ToString();
        Source source = line.ToSource();
        facts.Add(new KernelCommandLine(source, text));
        if (facts.Boot is not null)
            Judge(facts.Boot, text, source, x86);
        return true;
    }

    /// <summary>Other lines that only one of the two kernels prints.</summary>
    private static bool Identity(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        // dump_stack_print_info() (lib/dump_stack.c) says it while a crash kernel is loaded: this one is still the first.
        bool first = m.Contains(" Kdump: loaded ", StringComparison.Ordinal) &&
            (m.StartsWith("CPU: ", StringComparison.Ordinal) || m.StartsWith("CPU ", StringComparison.Ordinal));
        // drivers/of/fdt.c, arch/arm64/mm/init.c; and what dracut's kdump module and SUSE's kdump-save print.
        bool capture = (m.StartsWith("Reserving ", StringComparison.Ordinal) &&
            (m.EndsWith("for elfcorehdr", StringComparison.Ordinal) || m.EndsWith("for elfcore header", StringComparison.Ordinal))) ||
            m.Contains("Kdump Vmcore Save Service", StringComparison.Ordinal) ||
                m.StartsWith("kdump: saving to ", StringComparison.Ordinal) ||
                (m.StartsWith("kdump[", StringComparison.Ordinal) && m.Contains("]: saving to /", StringComparison.Ordinal));
        if (first)
            facts.Add(new CrashKernelLoaded(line.ToSource()));
        if (first || capture)
            facts.Boot?.Decide(capture, line.ToSource());
        return first || capture;
    }
}
