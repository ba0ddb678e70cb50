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
        ["Out of memory", "Killed process ", "out of memory: Kill", "System is deadlocked on memory", " invoked oom-killer: ",
            " invoked oom: ",
            " oom_kill_process+0x", "mem_cgroup_out_of_memory+0x",
            ": page allocation failure: order:", "Initramfs unpacking failed: ", "Initramfs failed", "rootfs image is not initramfs (",
                "Memory: "];

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
        if (c.SkipPast("Out of memory: Killed process ") || c.SkipPast("Memory cgroup out of memory: Killed process ") ||
            c.SkipPast("Out of memory: Kill process ") || c.SkipPast("Out of memory and no killable processes"))
        {
            // A cgroup that hit its own limit does not show that the machine is out of memory.
            bool cgroup = kernel.Message.Contains("Memory cgroup", StringComparison.Ordinal);
            if (!cgroup && !kernel.Foreign)
                facts.Add(new OutOfMemory(line.ToSource(), VictimOf(c), Panicked: false));
            return true;
        }
        if (kernel.Message.StartsWith("Killed process ", StringComparison.Ordinal) && !kernel.Foreign &&
            kernel.Message.Contains("-rss:", StringComparison.Ordinal))
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
