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
public sealed class Dmesg : BookParser
{
    /// <summary>
    /// How firmware and boot loaders begin a line: SeaBIOS, OVMF, GRUB, U-Boot, Trusted Firmware, OpenSBI, SLOF, iPXE and the stub that
    /// only firmware starts.
    /// </summary>
    private static readonly string[] Firmware =
    [
        "SeaBIOS (version ", "GNU GRUB  version ", "U-Boot 20", "Booting `", "UEFI firmware (version ", "NOTICE:  BL", "OpenSBI v",
        "SLOF **", "iPXE 1.", "EFI stub: ", "U-Boot SPL ", "DDR Version ",
    ];

    private const string Panic = "Kernel panic - not syncing", Request = "Trigger a crash";

    private const string ArmBegins = "Booting Linux on physical CPU ", CgroupBegins = "Initializing cgroup subsys cpuset";

    /// <summary>The readers of families of lines, as places of the book: only those whose text a line holds are asked.</summary>
    private const int Identity = 0, Errors = 1, Memory = 2, Steps = 3;

    private static readonly (int Place, string Text)[] Book =
    [
        .. Of(NoPlace, [.. Firmware, Panic, Request, ArmBegins, CgroupBegins, "Linux version ", "dmesg", "/var/log/", "/proc/cmdline",
            "ommand line: ", "BOOT_IMAGE=", ProbeMark.Prefix]),
        .. Of(Identity, BootIdentity.SignTexts), .. Of(Errors, ProbeErrors.SignTexts), .. Of(Memory, MemoryTrouble.SignTexts),
        .. Of(Steps, DumpSteps.SignTexts),
    ];

    private double lastTime;

    /// <summary>The boot began with a line that stands before the kernel's banner.</summary>
    private bool begun;

    /// <summary>A line of this boot had the kernel's own time.</summary>
    private bool timed;
    private bool kernelSpoke;
    private bool panicked;

    /// <summary>The kernel is over: it panicked, or was told to crash.</summary>
    private bool over;
    private bool replay;
    private bool commandLineNext;

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

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
                StartBoot(line, facts, release: null, firmware: true);
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
        if (!replay && BeginsKernel(kernel.Message))
        {
            // arm64 of those years prints both.
            if (kernelSpoke && !begun)
                StartBoot(line, facts, release: null);
            begun = kernelSpoke = true;
            return true;
        }
        if (!kernel.Stamped && ShellCommand(line.Text, out ReadOnlySpan<char> command))
        {
            // What dmesg prints into a console is the past of the same boot, not a new one.
            replay = command.StartsWith("dmesg", StringComparison.Ordinal) || command.Contains("/var/log/", StringComparison.Ordinal);
            commandLineNext = command.Contains("/proc/cmdline", StringComparison.Ordinal);
            return false;
        }
        // The probe's own lines quote other lines; the reader of its report parses them.
        if (kernel.Message.StartsWith(ProbeMark.Prefix, StringComparison.Ordinal))
            return false;
        // A program that saves a dump, on a console without a stamp, stands before the next kernel's first stamp.
        if (over && !kernel.Stamped && facts.Boot?.Capture != true && BootIdentity.IsSaver(line))
            StartBoot(line, facts, release: null);
        panicked |= kernel.Message.Contains(Panic, StringComparison.Ordinal);
        over |= panicked || kernel.Message.Contains(Request, StringComparison.Ordinal);
        // One line may show both which kernel wrote it and how far the dump got.
        bool known = Concerned.Contains(Identity) && BootIdentity.Read(kernel.Message, line, panicked, facts);
        bool step = Concerned.Contains(Steps);
        bool taken = CommandLineOf(kernel.Message, line, facts) || (known && step && DumpSteps.Read(kernel, line, facts)) ||
            (Concerned.Contains(Errors) && ProbeErrors.Read(kernel, line, facts)) ||
            (Concerned.Contains(Memory) && MemoryTrouble.Read(kernel, line, facts)) ||
            (!known && step && DumpSteps.Read(kernel, line, facts)) || known;
        kernelSpoke |= kernel.Stamped;
        return taken || kernel.Stamped;
    }

    /// <summary>A line behind a command that was typed: it holds none of the texts.</summary>
    public override bool Within(in TextLine line, Facts facts)
    {
        Concerned.Clear();
        return Line(line, facts);
    }

    public override void End(Facts facts)
    {
        kernelSpoke = replay = commandLineNext = panicked = over = begun = timed = false;
        lastTime = 0;
    }

    private void Banner(ReadOnlySpan<char> release, in TextLine line, Facts facts)
    {
        bool repeated = replay && facts.Boot?.Release is { } known && release.SequenceEqual(known);
        // The early microcode loader writes before the banner: its lines belong to the boot that this banner names.
        bool names = facts.Boot is { Release: null, CommandLine: null } early && lastTime < 1 &&
            (early.Index > 0 || begun || (timed && lastTime == 0));
        if (names)
            facts.Boot!.Release = release.ToString();
        else if (!repeated)
            StartBoot(line, facts, release.ToString());
        if (!repeated)
            facts.Add(new KernelBanner(line.ToSource(), release.ToString()));
        begun = replay = false;
        kernelSpoke = true;
        lastTime = 0;
    }

    /// <summary>
    /// If the clock starts again, a new kernel has started, even if its banner is missing (quiet, or a late serial console).
    /// </summary>
    private void Clock(double time, in TextLine line, Facts facts)
    {
        timed = true;
        if (time + 10 < lastTime)
        {
            if (!replay && time < 10)
                StartBoot(line, facts, release: null);
            replay = false;
        }
        lastTime = time;
    }

    private void StartBoot(in TextLine line, Facts facts, string? release, bool firmware = false)
    {
        // The part of an input before its first kernel is boot 0; an input that begins with a banner has no such part.
        Boot? before = facts.Boot is { } b && b.Input == line.Input ? b : null;
        bool empty = before is { Index: 0 } && !kernelSpoke && release is not null;
        facts.Boot = new Boot(line.Input, (before?.Index ?? -1) + 1) { Release = release, Previous = empty ? null : before };
        if (!firmware)
            BootIdentity.Begin(facts.Boot, panicked, line);
        kernelSpoke = replay = panicked = over = timed = false;
        lastTime = 0;
    }

    /// <summary>
    /// The first lines of a kernel, before its banner: arch/arm64/kernel/setup.c smp_setup_processor_id(), and cgroup_init_early() in
    /// kernel/cgroup.c of 2.6.24 to 4.4.
    /// </summary>
    private static bool BeginsKernel(ReadOnlySpan<char> message) => message.StartsWith(ArmBegins, StringComparison.Ordinal) ||
        message.StartsWith(CgroupBegins, StringComparison.Ordinal);

    private static IEnumerable<(int Place, string Text)> Of(int place, IEnumerable<string> texts) => texts.Select(t => (place, t));

    /// <summary>A line of firmware: the kernel that ran before has ended.</summary>
    private static bool StartsOver(ReadOnlySpan<char> text)
    {
        foreach (string word in Firmware)
        {
            if (text.StartsWith(word, StringComparison.Ordinal) || (word[0] == 'G' && text.Contains(word, StringComparison.Ordinal)))
                return true;
        }
        return false;
    }

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
            BootIdentity.Judge(facts.Boot, text, source, x86);
        return true;
    }
}
