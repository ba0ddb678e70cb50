using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>Total and free memory, and the memory that the unpacked image and the largest processes use.</summary>
internal sealed class MemoryCheck : Check
{
    /// <summary>Maximum number of processes to examine, and to report.</summary>
    private const int MaxProcesses = 4096, Told = 5;

    public override string Name => "memory";

    public override void Run(Root root, Facts facts)
    {
        if (root.Parse("/proc/meminfo", new Meminfo(), facts, 64 * 1024) && facts.Of<MemoryState>().Count == 0)
            Unreadable("/proc/meminfo", facts);
        if (root.Parse("/proc/iomem", new Iomem(), facts, 256 * 1024) && facts.Of<PhysicalMemory>().Count == 0)
            Unreadable("/proc/iomem", facts);
        Rootfs(root, facts);
        var top = new List<ProcessMemory>();
        int seen = 0;
        foreach (string name in root.List("/proc"))
        {
            if (!int.TryParse(name, out int pid) || ++seen > MaxProcesses)
                continue;
            if (Process(root, pid) is { } process)
                top.Add(process);
        }
        top.Sort((a, b) => b.Resident.CompareTo(a.Resident));
        for (int i = 0; i < Math.Min(Told, top.Count); i++)
            facts.Add(top[i]);
    }

    private void Unreadable(string file, Facts facts) =>
        facts.Add(new CheckFailed(new Source(file, ""), Name, "contains no line in the format of the kernel"));

    private static void Rootfs(Root root, Facts facts)
    {
        if (!root.IsLive)
            return;
        string? mounts = root.Text("/proc/mounts", Root.SmallFile * 4);
        string type = "", line = "";
        foreach (ReadOnlySpan<char> text in (mounts ?? "").AsSpan().EnumerateLines())
        {
            var c = new TextCursor(text);
            c.Word();
            if (c.Word() is not "/")
                continue;
            type = c.Word().ToString();
            line = text.ToString();
        }
        // Those that an image unpacks into memory or mounts from there. On a disk it takes no memory, and on a network statfs could block.
        if (type is not ("rootfs" or "tmpfs" or "ramfs" or "overlay" or "squashfs" or "erofs"))
            return;
        int fd = root.Open("/", Libc.ReadOnly | Libc.Directory);
        if (fd >= 0 && Libc.FileSystem(fd) is { Size: > 0 and < 1 << 24 } fs && fs.Blocks < 1UL << 38 && fs.Free <= fs.Blocks)
            facts.Add(new RootfsUse(new Source("/proc/mounts", line), type, (long)(fs.Size * fs.Blocks),
                (long)(fs.Size * (fs.Blocks - fs.Free))));
        if (fd >= 0)
            _ = Libc.Close(fd);
    }

    private static ProcessMemory? Process(Root root, int pid)
    {
        string file = $"/proc/{pid}/status";
        if (root.Text(file, 4096) is not string text)
            return null;
        string name = "";
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            var c = new TextCursor(line);
            if (c.Skip("Name:"))
                name = c.Rest.Trim().ToString();
            else if (c.Skip("VmRSS:") && c.SkipSpaces() && c.Number(out long kb) && kb > 0)
                return new(Source.Of(file, line), pid, name, kb);
        }
        return null;
    }
}
