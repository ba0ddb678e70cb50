using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>
/// Decides which kernel wrote a log; all code that reads logs uses it. Each line of evidence is stored with the boot
/// (<see cref="Boot.Signs"/>), the strongest decides, and a line that comes late decides for the lines before it as well.
/// </summary>
public static class BootIdentity
{
    /// <summary>printk and many consoles cut lines at about this length: in a longer line the missing text may have been cut off.</summary>
    private const int LongLine = 900;

    private const string Elfcorehdr = "elfcorehdr=";

    /// <summary>
    /// Text of a line → what it proves. Kernel: arch/x86/kernel/cpu/topology.c, arch/powerpc/kernel/fadump.c, fs/proc/vmcore.c,
    /// lib/dump_stack.c. Programs: dracut's kdump module (kdump-utils), kdump-config (Debian), kdump-save (SUSE).
    /// </summary>
    private static readonly (string Text, bool Capture, Proof Proof, string Says)[] Words =
    [
        ("Crash kernel detected", true, Proof.Certain, "its own message says that it is a crash kernel"),
        ("Firmware-assisted dump is active", true, Proof.Certain, "firmware kept the crashed kernel's memory for it"),
        ("for preserving crash data", true, Proof.Certain, "it sets the crashed kernel's memory aside"),
        ("Kdump: vmcore not initialized", true, Proof.Certain, "it looked for the crashed kernel's memory"),
        ("Core image elf header", true, Proof.Certain, "it looked for the crashed kernel's memory"),
        ("trying to copy translation structures", true, Proof.Likely, "it takes over the IOMMU tables of the crashed kernel"),
        ("table from previous kernel", true, Proof.Likely, "it takes over the IOMMU tables of the crashed kernel"),
        ("read_vmcore+0x", true, Proof.Certain, "it reads the crashed kernel's memory"),
        ("mmap_vmcore+0x", true, Proof.Certain, "it reads the crashed kernel's memory"),
        ("copy_oldmem_page+0x", true, Proof.Certain, "it reads the crashed kernel's memory"),
        ("read_from_oldmem+0x", true, Proof.Certain, "it reads the crashed kernel's memory"),
        ("Kdump Vmcore Save Service", true, Proof.Certain, "the service that saves a dump runs"),
        ("kdump-capture.service", true, Proof.Certain, "the service that saves a dump runs"),
        ("kdump.sh[", true, Proof.Certain, "the script that saves a dump runs"),
        ("kdump-save[", true, Proof.Certain, "the program that saves a dump runs"),
        (" Comm: kdump.sh", true, Proof.Likely, "the script that saves a dump runs"),
        (" Comm: vmcore-dmesg", true, Proof.Likely, "the program that takes the log out of a dump runs"),
        ("(vmcore-dmesg)", true, Proof.Likely, "the program that takes the log out of a dump runs"),
        (" Comm: makedumpfile", true, Proof.Hint, "makedumpfile runs"),
        (" fadump: Registration is successful", false, Proof.Likely, "it asks for a dump in case that it crashes"),
        ("Starting crashdump kernel...", false, Proof.Certain, "it starts a crash kernel"),
        ("Loading crashdump kernel...", false, Proof.Certain, "it starts a crash kernel"),
    ];

    /// <summary>What firmware calls the machine.</summary>
    private static readonly string[] Names = ["DMI: ", "Hardware name: ", "Machine model: "];

    private const string Loaded = "loaded kdump kernel", PrintedLoaded = " Kdump: loaded ", Purgatory = "I'm in purgatory",
        RunsKexec = "Running Kexec: ", PanicEnd = "end Kernel panic - not syncing", RebootEnd = "Rebooting in ",
            NewKernel = "Starting new kernel";

    private static readonly TextSigns Texts = new([.. Words.Select(w => w.Text)]);

    /// <summary>Every line that <see cref="Read"/> needs contains one of these.</summary>
    internal static IEnumerable<string> SignTexts =>
    [
        .. Words.Select(w => w.Text), .. Names, Loaded, PrintedLoaded, Purgatory, PanicEnd, RebootEnd, NewKernel, RunsKexec, "Bye!",
            "for elfcorehdr",
        "for elfcore header", "kdump: saving to ", "]: saving to /", "]: Executing final action",
    ];

    /// <summary>
    /// What a kernel command line shows about which kernel runs. Only a capture kernel is given elfcorehdr=, only kdump services add
    /// reset_devices, and they take crashkernel= out. Machines with a device tree tell the header's place there: on them its absence proves
    /// nothing.
    /// </summary>
    public static void Judge(Boot boot, string commandLine, Source source, bool x86 = false)
    {
        boot.CommandLine ??= commandLine;
        x86 |= boot.Release?.Contains("x86_64", StringComparison.Ordinal) == true ||
            boot.Release?.Contains("amd64", StringComparison.Ordinal) == true;
        int header = commandLine.IndexOf(Elfcorehdr, StringComparison.Ordinal);
        // Of a long line the words that prove it.
        if (header >= 0)
        {
            string words = commandLine[header..Math.Min(commandLine.Length, header + Source.MaxText)];
            boot.Decide(new(true, Proof.Certain, "its command line holds elfcorehdr=", source with { Text = words }));
        }
        else if (commandLine.Contains("reset_devices", StringComparison.Ordinal))
            boot.Decide(new(true, Proof.Likely, "its command line holds reset_devices, which kdump services add", source));
        else if (x86)
            boot.Decide(new(false, commandLine.Length < LongLine ? Proof.Certain : Proof.Hint,
                "its command line holds no elfcorehdr=", source));
        // With firmware-assisted dump (powerpc) both kernels have the same command line.
        else if (commandLine.Contains("crashkernel=", StringComparison.Ordinal) &&
            !commandLine.Contains("fadump=", StringComparison.Ordinal))
            boot.Decide(new(false, Proof.Likely, "its command line holds crashkernel=", source));
    }

    /// <summary>A boot begins: what the one before it said last may tell which kernel this is.</summary>
    /// <param name="panicked">The kernel before it said that it panicked.</param>
    internal static void Begin(Boot boot, bool panicked, in TextLine line)
    {
        if (boot.Previous is not { } before || before.Capture == true)
            return;
        if (before.Jumped is { } jump)
            boot.Decide(new(true, Proof.Likely, "the kernel before it jumped into a crash kernel", jump));
        else if (before.Armed is not null && before.EndedAlone is null && panicked)
            boot.Decide(new(true, Proof.Hint, "the kernel before it had a crash kernel loaded and panicked, and no firmware spoke between",
                line.ToSource()));
    }

    /// <summary>True: the line tells which kernel this is, or what it does at its end.</summary>
    internal static bool Read(ReadOnlySpan<char> m, in TextLine line, bool panicked, Facts facts)
    {
        if (facts.Boot is not { } boot)
            return false;
        if (Hardware(m) is { } name)
        {
            boot.Hardware ??= name;
            return false;
        }
        bool trace = m.StartsWith("CPU: ", StringComparison.Ordinal) || m.StartsWith("CPU ", StringComparison.Ordinal);
        // dump_stack_print_info() (lib/dump_stack.c) says it while a crash kernel is loaded: this one is still the first.
        if (trace && m.Contains(PrintedLoaded, StringComparison.Ordinal))
        {
            boot.Armed ??= line.ToSource();
            facts.Add(new CrashKernelLoaded(line.ToSource()));
            boot.Decide(new(false, Proof.Certain, "it says that a crash kernel is loaded", line.ToSource()));
            return true;
        }
        return Service(line, boot) || Ends(m, line, panicked, boot) || Word(line, boot);
    }

    /// <summary>A program of the crash kernel says that it saves the dump.</summary>
    internal static bool IsSaver(in TextLine line) => Saves(line) ||
        (Texts.First(line.Text) is >= 0 and var word && Words[word] is { Capture: true, Proof: Proof.Certain });

    private static bool Word(in TextLine line, Boot boot)
    {
        ReadOnlySpan<char> text = line.Text;
        int word = Texts.First(text);
        if (word < 0)
            return Saving(line, boot);
        (string says, bool capture) = (Words[word].Says, Words[word].Capture);
        boot.Decide(new(capture, Words[word].Proof, says, line.ToSource()));
        if (!capture && says == "it starts a crash kernel")
            boot.Jumped = line.ToSource();
        return true;
    }

    /// <summary>drivers/of/fdt.c, arch/arm64/mm/init.c; and what the scripts that save a dump print.</summary>
    private static bool Saving(in TextLine line, Boot boot)
    {
        ReadOnlySpan<char> m = line.Kernel.Message;
        if (m.StartsWith("Reserving ", StringComparison.Ordinal) &&
            (m.EndsWith("for elfcorehdr", StringComparison.Ordinal) || m.EndsWith("for elfcore header", StringComparison.Ordinal)))
        {
            boot.Decide(new(true, Proof.Certain, "it was told where the crashed kernel's headers are", line.ToSource()));
            return true;
        }
        bool saves = Saves(line);
        if (saves)
            boot.Decide(new(true, Proof.Certain, "the script that saves a dump runs", line.ToSource()));
        return saves;
    }

    private static bool Saves(in TextLine line) => line.Kernel.Message.StartsWith("kdump: saving to ", StringComparison.Ordinal) ||
        (line.Text.Contains("kdump[", StringComparison.Ordinal) && (line.Text.Contains("]: saving to /", StringComparison.Ordinal) ||
            line.Text.Contains("]: Executing final action", StringComparison.Ordinal)));

    /// <summary>kdumpctl and kdump-config say whether they loaded a crash kernel, or took it away again.</summary>
    private static bool Service(in TextLine line, Boot boot)
    {
        ReadOnlySpan<char> text = line.Text;
        int at = text.IndexOf(Loaded, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return false;
        bool unloaded = text[..at].EndsWith("un", StringComparison.Ordinal);
        boot.Armed = unloaded ? null : line.ToSource();
        boot.Decide(new(false, Proof.Likely, "a crash kernel is loaded while it runs", line.ToSource()));
        return true;
    }

    private static bool Ends(ReadOnlySpan<char> m, in TextLine line, bool panicked, Boot boot)
    {
        if (m.EndsWith(NewKernel, StringComparison.Ordinal) || m.Contains(RunsKexec, StringComparison.Ordinal))
        {
            boot.HandsOver = line.ToSource();
            return true;
        }
        // machine_kexec() of arm, arm64 and riscv; behind a panic it is the jump into a crash kernel.
        if (m.Trim() is "Bye!")
        {
            if (boot.Jumped is null && !panicked)
                boot.HandsOver ??= line.ToSource();
            return true;
        }
        if (m.Contains(Purgatory, StringComparison.Ordinal))
        {
            if (boot.HandsOver is null)
                boot.Jumped ??= line.ToSource();
            return true;
        }
        bool alone = panicked && (m.Contains(PanicEnd, StringComparison.Ordinal) ||
            (m.StartsWith(RebootEnd, StringComparison.Ordinal) && m.Contains(" seconds", StringComparison.Ordinal)));
        if (alone)
            boot.EndedAlone ??= line.ToSource();
        return alone;
    }

    private static string? Hardware(ReadOnlySpan<char> m)
    {
        foreach (string label in Names)
        {
            if (!m.StartsWith(label, StringComparison.Ordinal))
                continue;
            ReadOnlySpan<char> name = m[label.Length..];
            foreach (string end in (ReadOnlySpan<string>)[", BIOS ", " BIOS ", " (DT)"])
            {
                if (name.IndexOf(end, StringComparison.Ordinal) is >= 0 and var at)
                    name = name[..at];
            }
            name = name.Trim();
            return name.IsEmpty || name.Length > 128 ? null : name.ToString();
        }
        return null;
    }
}
