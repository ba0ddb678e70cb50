using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>The OOM killer ran: mm/oom_kill.c.</summary>
/// <param name="Victim">Name of the killed task; empty when the kernel panicked instead of killing.</param>
public sealed record OutOfMemory(Source Source, string Victim, bool Panicked) : Fact(Source);

/// <summary>
/// <c>Killed process 799153 (node), UID 1000, total-vm:606096kB, anon-rss:68308kB</c>: kernels before 5.1 print it below a line that
/// says why; alone it does not tell whether a control group's limit was reached or the machine's memory used up.
/// </summary>
public sealed record BareKill(Source Source, string Victim) : Fact(Source);

/// <summary>A stack shows the OOM killer at work (oom_kill_process, out_of_memory); its first line may be lost.</summary>
/// <param name="Group">It ran for a control group's limit.</param>
public sealed record OutOfMemoryFrame(Source Source, bool Group) : Fact(Source);

/// <summary>An allocation failed and was reported: mm/page_alloc.c warn_alloc.</summary>
public sealed record AllocationFailure(Source Source, string Task, int Order) : Fact(Source);

/// <summary>The initramfs could not be unpacked: init/initramfs.c.</summary>
public sealed record InitramfsUnpackFailed(Source Source, string Reason) : Fact(Source);

/// <summary>Memory as the kernel counts it at boot: <c>Memory: 112K/196608K available (…)</c>.</summary>
public sealed record MemoryAtBoot(Source Source, long AvailableKiB, long TotalKiB) : Fact(Source);

internal static class MemoryTrouble
{
    /// <summary>Every line that is accepted contains one of these.</summary>
    internal static IEnumerable<string> SignTexts =>
        ["Out of memory", "Out of Memory: Kill", "No available memory ", "Killed process ", "out of memory: Kill",
            "System is deadlocked on memory", " invoked oom-killer: ",
            " invoked oom: ",
            " oom_kill_process+0x", "mem_cgroup_out_of_memory+0x",
            ": page allocation failure: order:", "Initramfs unpacking failed: ", "Initramfs failed", "rootfs image is not initramfs (",
                "Memory: ", .. RamDiskErrors];

    /// <summary>TASK_COMM_LEN: names of tasks are shorter, and may hold spaces (<c>CPU 0/KVM</c>).</summary>
    private const int TaskName = 16;

    public static bool Read(in KernelLine kernel, in TextLine line, Facts facts)
    {
        var c = new TextCursor(kernel.Message);
        if (c.Skip("Kernel panic - not syncing: ") &&
            (c.Rest.StartsWith("Out of memory", StringComparison.Ordinal) ||
            c.Rest.StartsWith("System is deadlocked on memory", StringComparison.Ordinal)))
        {
            // It is a panic as well: the parser of panics must also see it.
            facts.Add(new OutOfMemory(line.ToSource(), "", Panicked: true));
            return false;
        }
        c = new TextCursor(kernel.Message);
        if (Kill(ref c))
        {
            // A cgroup that hit its own limit does not show that the machine is out of memory.
            bool cgroup = kernel.Message.Contains("Memory cgroup", StringComparison.Ordinal);
            if (!cgroup && !kernel.Foreign && !Announced(kernel.Message, line, facts))
                facts.Add(new OutOfMemory(line.ToSource(), VictimOf(c), Panicked: false));
            return true;
        }
        if (kernel.Message.StartsWith("Killed process ", StringComparison.Ordinal) && !kernel.Foreign &&
            (kernel.Message.Contains("-rss:", StringComparison.Ordinal) ||
                kernel.Message.TrimEnd(" .").EndsWith(")", StringComparison.Ordinal)))
        {
            facts.Add(new BareKill(line.ToSource(), VictimOf(c)));
            return true;
        }
        bool group = kernel.Message.Contains("mem_cgroup_out_of_memory+0x", StringComparison.Ordinal);
        if ((group || kernel.Message.Contains(" oom_kill_process+0x", StringComparison.Ordinal)) &&
            !kernel.Message.Contains('?'))
        {
            // The stack's own parser reads the line, too.
            facts.Add(new OutOfMemoryFrame(line.ToSource(), group));
            return false;
        }
        c = new TextCursor(kernel.Message);
        bool invoked = c.Before(" invoked oom-killer: ", out ReadOnlySpan<char> asked) || c.Before(" invoked oom: ", out asked);
        if (invoked && (!asked.Contains(' ') || asked.Length < TaskName))
        {
            facts.Add(new OutOfMemory(line.ToSource(), "", Panicked: false));
            return true;
        }
        if (c.Before(": page allocation failure: order:", out ReadOnlySpan<char> task) && c.Number(out long order) && order is >= 0 and
            < 64)
        {
            facts.Add(new AllocationFailure(line.ToSource(), task.ToString(), (int)order));
            return true;
        }
        c = new TextCursor(kernel.Message);
        // Time stamps that were typed off a screen may be broken.
        if (c.Skip("Initramfs unpacking failed: ") || (kernel.Message.StartsWith("[", StringComparison.Ordinal) &&
            c.SkipPast("Initramfs unpacking failed: ")))
        {
            facts.Add(new InitramfsUnpackFailed(line.ToSource(), c.Rest.Trim().ToString()));
            return true;
        }
        // Typed off a screen: "Initramfs failed : junk in compressed archive".
        if (c.Skip("Initramfs failed") && c.Rest.TrimStart(" :") is { Length: > 3 } typed)
        {
            facts.Add(new InitramfsUnpackFailed(line.ToSource(), typed.Trim().ToString()));
            return true;
        }
        // init/do_mounts_rd.c and the decompressors below it print nothing but these words, about an initrd.
        if (kernel.Time is not null && Broken(kernel.Message) is { } broken)
        {
            facts.Add(new InitramfsUnpackFailed(line.ToSource(), broken));
            return true;
        }
        // With CONFIG_BLK_DEV_RAM the same failure is told as a guess.
        if (c.Skip("rootfs image is not initramfs (") && c.Before(")", out ReadOnlySpan<char> reason))
        {
            facts.Add(new InitramfsUnpackFailed(line.ToSource(), reason.ToString()));
            return true;
        }
        if (c.Skip("Memory: ") && c.Number(out long available) && c.Skip("K/") && c.Number(out long total) && c.Skip("K available"))
        {
            facts.Add(new MemoryAtBoot(line.ToSource(), available, total));
            return true;
        }
        return false;
    }

    /// <summary>
    /// As mm/oom_kill.c has said it: <c>Killed</c> since 5.3, <c>Kill … or sacrifice child</c> since 2.6.36, <c>kill … or a child</c>
    /// since 2.6.24, <c>Out of Memory: Kill … and children</c> and <c>Killed</c> before; a memory policy or a cpuset that is used up has
    /// words of its own.
    /// </summary>
    private static readonly string[] Kills =
    [
        "Out of memory: Killed process ", "Memory cgroup out of memory: Killed process ", "Out of memory: Kill process ",
        "Out of memory: kill process ", "Out of Memory: Killed process ", "Out of Memory: Kill process ",
        "No available memory (MPOL_BIND): kill process ", "No available memory in cpuset: kill process ",
        "Out of memory and no killable processes",
    ];

    /// <summary>lib/inflate.c (until 2.6.29) and lib/decompress_*.c.</summary>
    private static readonly string[] RamDiskErrors =
    [
        "crc error", "length error", "bad gzip magic numbers", "invalid compressed format (err=1)", "invalid compressed format (err=2)",
        "incomplete literal tree", "incomplete distance tree", "uncompression error", "XZ-compressed data is corrupt",
        "Compressed data violation", "bunzip2 data is corrupt",
    ];

    private static string? Broken(ReadOnlySpan<char> message)
    {
        foreach (string words in RamDiskErrors)
        {
            if (message.Trim().Equals(words, StringComparison.Ordinal))
                return words;
        }
        return null;
    }

    private static bool Kill(ref TextCursor c)
    {
        foreach (string words in Kills)
        {
            if (c.SkipPast(words))
                return true;
        }
        return false;
    }

    /// <summary>
    /// 2.6.16 to 2.6.23 told each kill twice in these words: whom it chose, and whom of them or their children it killed.
    /// </summary>
    private static bool Announced(ReadOnlySpan<char> message, in TextLine line, Facts facts) =>
        message.Contains(": Killed process ", StringComparison.Ordinal) &&
        facts.Of<OutOfMemory>() is [.., var last] && last.Source.Line + 2 >= line.Number &&
        last.Source.Plain.Contains(" and children", StringComparison.Ordinal);

    /// <summary>The name in brackets, which may hold brackets: <c>((resolved))</c>.</summary>
    private static string VictimOf(TextCursor c)
    {
        if (!c.SkipPast("("))
            return "";
        int end = c.Rest.IndexOf(") ", StringComparison.Ordinal);
        int comma = c.Rest.IndexOf("),", StringComparison.Ordinal);
        end = end < 0 || (comma >= 0 && comma < end) ? comma : end;
        return end switch
        {
            < 0 => c.Before(")", out ReadOnlySpan<char> cut) ? cut.ToString() : "",
            _ => c.Rest[..end].ToString(),
        };
    }
}
