using System.Globalization;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// How long a dump would take: the crash kernel's boot, makedumpfile's walk over all pages, compression on one CPU, writing. All
/// rates are wide ranges for a kind of device or compression; none is measured on the machine.
/// </summary>
internal static class DumpTimes
{
    /// <summary>Seconds from the panic to the first program, drivers included.</summary>
    private const double BootLow = 8, BootHigh = 60;

    /// <summary>Seconds for each gigabyte of memory: two passes over 2^18 page descriptors.</summary>
    private const double ScanLow = 0.02, ScanHigh = 0.3;

    private const double Mb = 1 << 20;

    public static void Collect(MachineTree root, Facts facts)
    {
        KdumpTools tools = facts.Of<KdumpSetup>() is [var setup, ..] ? setup.Tools : KdumpTools.None;
        if (tools == KdumpTools.None)
            return;
        string? collector = DumpCommand.Of(tools, facts);
        var own = new Facts();
        root.Parse("/proc/meminfo", new DumpForecastLines(collector), own);
        if (own.Of<DumpForecast>() is not [var kept, ..])
            return;
        (string packer, double packLow, double packHigh) = Packer(collector, kept.Packed);
        (string target, double writeLow, double writeHigh) = Writer(root, facts);
        double ram = Ram(root) / 1024.0, bytes = kept.KeptBytes / Mb;
        double low = BootLow + (ram * ScanLow) + Math.Max(bytes / packHigh, kept.LowBytes / Mb / writeHigh);
        double high = BootHigh + (ram * ScanHigh) + (bytes / packLow) + (kept.HighBytes / Mb / writeLow);
        facts.Add(new DumpTime(kept.Source, Seconds(low), Seconds(high),
            $"{Size(kept.KeptBytes)} kept at level {kept.Level}, {packer} on one CPU, {target}"));
    }

    /// <summary>Megabytes a second that one CPU compresses.</summary>
    private static (string Name, double Low, double High) Packer(string? collector, bool packed)
    {
        if (!packed)
            return ("not packed", 200, 2000);
        string[] words = (collector ?? "makedumpfile -l").Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        foreach (string word in words.Where(w => w.Length > 1 && w[0] == '-' && w[1] != '-'))
        {
            foreach (char letter in word.AsSpan(1))
            {
                switch (letter)
                {
                    case 'c': return ("zlib", 15, 60);
                    case 'l': return ("lzo", 100, 400);
                    case 'p': return ("snappy", 150, 500);
                    case 'z': return ("zstd", 60, 250);
                }
            }
        }
        return ("packed", 15, 400);
    }

    /// <summary>Megabytes a second that the target writes, by its kind.</summary>
    private static (string Name, double Low, double High) Writer(MachineTree root, Facts facts)
    {
        DumpTarget? remote = facts.Of<DumpTarget>().FirstOrDefault(t => t.IsRemote);
        if (remote is not null)
        {
            string link = Routes.To(root, remote.Spec) ?? "";
            bool known = int.TryParse(root.Text($"/sys/class/net/{link}/speed"), CultureInfo.InvariantCulture, out int megabits) &&
                megabits > 0;
            (double slow, double fast) = known ? (megabits / 8.0 * 0.3, megabits / 8.0 * 0.9) : (10, 900);
            // ssh encrypts on the same CPU.
            if (remote.Kind == TargetKind.Ssh)
                (slow, fast) = (Math.Min(slow, 40), Math.Min(fast, 300));
            return (known ? $"a link of {megabits} Mb/s" : "a link of unknown speed", slow, fast);
        }
        string? node = facts.Of<TargetNode>().FirstOrDefault()?.Node;
        if (node is null)
            return ("a target of unknown speed", 50, 1000);
        if (node.StartsWith("nvme", StringComparison.Ordinal))
            return ("NVMe", 400, 2000);
        string at = root.Resolve("/sys/class/block/" + node) ?? "";
        string? rotates = root.Text(at + "/queue/rotational") ?? root.Text(at[..Math.Max(0, at.LastIndexOf('/'))] + "/queue/rotational");
        return rotates switch
        {
            // A virtual disk reports this, whatever is behind it.
            "1" when !node.StartsWith("vd", StringComparison.Ordinal) && !node.StartsWith("xvd", StringComparison.Ordinal) =>
                ("a rotating disk", 50, 200),
            "0" => ("a disk without moving parts", 150, 1000),
            _ => ("a disk of unknown kind", 50, 1000),
        };
    }

    private static long Ram(MachineTree root)
    {
        var own = new Facts();
        root.Parse("/proc/meminfo", new Meminfo(), own);
        return own.Of<MemoryState>() is [.., { Total: > 0 } memory] ? memory.Total >> 10 : 0;
    }

    private static int Seconds(double value) => (int)Math.Min(Math.Ceiling(value), 7 * 86400);

    private static string Size(long bytes) => bytes >= 10L << 30 ? $"{bytes >> 30} GB" : $"{Math.Max(1, bytes >> 20)} MB";
}
