using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>A kdump tool was ended by a signal.</summary>
/// <param name="Program">Its name; empty where the line does not tell.</param>
/// <param name="Signal">The number; 0 where the line does not tell.</param>
public sealed record ToolCrash(Source Source, string Program, int Signal) : Fact(Source);

/// <summary>
/// The ends of programs by a signal, as the shell, the kernel, systemd-coredump, the C library and kdump's own exit codes tell them.
/// Only programs that load, build or save: other crashed programs are ignored.
/// </summary>
public sealed class ToolCrashes : LineParser
{
    private static readonly HashSet<string> Trade = new(StringComparer.Ordinal)
    {
        "kexec", "makedumpfile", "vmcore-dmesg", "dracut-install", "dracut", "mkdumprd", "mkfadumprd", "kdumpctl", "kdump-config",
        "kdump-save", "kdumptool", "mksquashfs", "mount.nfs", "mkinitramfs", "update-initramfs", "kdump.sh", "kdump-tools",
    };

    /// <summary>What the shell prints when a program it ran was ended.</summary>
    private static readonly (string Words, int Signal)[] Ends =
        [("Bus error", 7), ("Segmentation fault", 11), ("Aborted", 6), ("Killed", 9), ("Illegal instruction", 4),
        ("Floating point exception", 8), ("Trace/breakpoint trap", 5)];

    /// <summary>The C library found its heap or stack destroyed, and aborts.</summary>
    private static readonly string[] Library =
        ["realloc(): invalid ", "free(): invalid ", "free(): double free", "double free or corruption", "malloc(): ", "munmap_chunk(): ",
        "corrupted size vs. prev_size", "*** stack smashing detected ***", "*** buffer overflow detected ***"];

    private static readonly string[] Kernel = [": unhandled signal ", ": segfault at ", ": unhandled exception: "];

    private readonly List<Source> library = [];

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } =
        [.. Ends.Select(e => e.Words), .. Library, .. Kernel, "traps: ", "dumped core", "terminated abnormally with signal ", "exitcode:1"];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        foreach (string words in Library)
        {
            if (text.Contains(words, StringComparison.Ordinal))
            {
                // This line does not name the program; the shell's line that follows does.
                if (library.Count < 8)
                    library.Add(line.ToSource());
                return false;
            }
        }
        if (CoreDump(text, out string program, out int signal) || ByKernel(text, out program, out signal) ||
            ExitCode(text, out program, out signal) || ByShell(text, out program, out signal))
        {
            foreach (Source said in library)
            {
                if (signal == 6 && said.Input == line.Input && Math.Abs(said.Line - line.Number) <= 3)
                    facts.Add(new ToolCrash(said, program, signal));
            }
            library.Clear();
            facts.Add(new ToolCrash(line.ToSource(), program, signal));
            return true;
        }
        return false;
    }

    public override void End(Facts facts) => library.Clear();

    /// <summary><c>Process 7288 (kexec) of user 0 terminated abnormally with signal 11/SEGV</c>, <c>… dumped core.</c></summary>
    private static bool CoreDump(ReadOnlySpan<char> text, out string program, out int signal)
    {
        program = "";
        signal = 0;
        var c = new TextCursor(text);
        if (!c.SkipPast("Process ") || !c.Number(out _) || !c.Skip(" (") || !c.Before(")", out ReadOnlySpan<char> name) ||
            !c.Skip(" of user "))
            return false;
        program = name.ToString();
        if (c.SkipPast("signal ") && c.Number(out long number) && number is > 0 and < 65)
            signal = (int)number;
        return Trade.Contains(program) && (signal != 0 || text.Contains("dumped core", StringComparison.Ordinal));
    }

    /// <summary><c>makedumpfile[469]: unhandled signal 7 at …</c>, <c>traps: kexec[7288] general protection …</c></summary>
    private static bool ByKernel(ReadOnlySpan<char> text, out string program, out int signal)
    {
        program = "";
        signal = 0;
        var c = new TextCursor(text);
        if (c.SkipPast("traps: "))
            program = c.Before("[", out ReadOnlySpan<char> trapped) ? trapped.ToString() : "";
        foreach (string words in Kernel)
        {
            int at = program.Length == 0 ? text.IndexOf(words, StringComparison.Ordinal) : -1;
            if (at <= 0 || text[at - 1] != ']')
                continue;
            // name[pid], with a time stamp before it.
            ReadOnlySpan<char> before = text[..text[..at].LastIndexOf('[')];
            program = before[(before.LastIndexOfAny(' ', '\t') + 1)..].ToString();
            c = new TextCursor(text[(at + words.Length)..]);
            signal = words switch
            {
                ": segfault at " => 11,
                ": unhandled signal " when c.Number(out long number) && number is > 0 and < 65 => (int)number,
                _ => 0,
            };
        }
        return Trade.Contains(program);
    }

    /// <summary><c>saving vmcore failed, _exitcode:139</c>: 128 and the number of a signal.</summary>
    private static bool ExitCode(ReadOnlySpan<char> text, out string program, out int signal)
    {
        program = "makedumpfile";
        signal = 0;
        var c = new TextCursor(text);
        if (!c.SkipPast("saving vmcore failed, ") || !c.SkipPast("exitcode:") || !c.Number(out long code) || code is <= 128 or > 128 + 64)
            return false;
        signal = (int)(code - 128);
        return true;
    }

    /// <summary>
    /// <c>/usr/bin/kdumpctl: line 672: 66179 Aborted   (core dumped) $KEXEC …</c>, <c>kdump-tools[648]: Segmentation fault</c>
    /// </summary>
    private static bool ByShell(ReadOnlySpan<char> text, out string program, out int signal)
    {
        program = "";
        signal = 0;
        foreach ((string words, int number) in Ends)
        {
            int at = text.IndexOf(words, StringComparison.Ordinal);
            if (at < 0)
                continue;
            signal = number;
            ReadOnlySpan<char> before = text[..at], command = text[(at + words.Length)..].Trim();
            if (command.StartsWith("(core dumped)", StringComparison.Ordinal))
                command = command["(core dumped)".Length..].Trim();
            bool script = before.Contains(": line ", StringComparison.Ordinal);
            program = script ? ProgramOf(command) : "";
            if (script)
                return program.Length > 0 &&
                    (Trade.Contains(program) || before.Contains("kdump", StringComparison.Ordinal) ||
                    before.Contains("dracut", StringComparison.Ordinal));
            // A line of the service does not say which of its programs it was.
            return number != 9 && command.IsEmpty && (before.Contains("kdump-tools[", StringComparison.Ordinal) ||
                before.Contains("kdumpctl[", StringComparison.Ordinal) || before.Contains("kdump.sh[", StringComparison.Ordinal) ||
                before.Contains("mkdumprd[", StringComparison.Ordinal) || before.Contains("dracut[", StringComparison.Ordinal));
        }
        return false;
    }

    private static string ProgramOf(ReadOnlySpan<char> command)
    {
        if (command.Contains("CORE_COLLECTOR", StringComparison.Ordinal) || command.Contains("makedumpfile", StringComparison.Ordinal))
            return "makedumpfile";
        if (command.Contains("DRACUT_INSTALL", StringComparison.Ordinal) || command.Contains("dracut-install", StringComparison.Ordinal))
            return "dracut-install";
        if (command.Contains("$KEXEC", StringComparison.Ordinal))
            return "kexec";
        if (command.Contains("vmcore-dmesg", StringComparison.Ordinal))
            return "vmcore-dmesg";
        int end = command.IndexOf(' ');
        ReadOnlySpan<char> first = end < 0 ? command : command[..end];
        return first[(first.LastIndexOf('/') + 1)..].Trim("\"$").ToString();
    }
}
