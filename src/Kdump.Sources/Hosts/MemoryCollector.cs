using System.Buffers.Binary;
using System.Globalization;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Memory;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Diagnosis.Vectors;
using Kdump.Sources.Images;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>Reads from a machine and the facts of its image what decides how much memory its crash kernel needs.</summary>
public static class MemoryCollector
{
    private const long Mb = 1 << 20;

    /// <param name="facts">Machine and image, collected.</param>
    /// <param name="inImage">Whether the image holds a module; null without an image.</param>
    /// <param name="commandLine">The crash kernel's, instead of what is configured.</param>
    public static MemoryOutlook Collect(MachineTree root, Facts facts, Func<string, bool>? inImage, string? commandLine)
    {
        (MemoryRange kernel, string reason, Source source) = Kernel(root, facts);
        ImageSummary? image = facts.Of<ImageSummary>() is [var s, ..] ? s : null;
        CommandLine line = CommandLine.Parse(commandLine ?? string.Join(' ', facts.Of<CaptureParameter>()
            .Select(p => p.Value is null ? p.Name : $"{p.Name}={p.Value}")));
        bool realRoot = (facts.Of<KdumpSetup>() is [var setup, ..] ? setup.Tools : image?.Tools) == KdumpTools.Debian;
        long ram = Ram(root);
        int possible = Math.Max(1, CpuList.Count(root.Text("/sys/devices/system/cpu/possible")) ?? 1);
        int cpus = Math.Clamp(line.LastNumber("nr_cpus") ?? (commandLine is null && !facts.Any<CaptureParameter>() ? 1 : possible), 1,
            possible);
        var inputs = new MemoryInputs
        {
            Kernel = kernel,
            KernelReason = reason,
            HasImage = image is not null,
            // Without an image: the sizes of typical images of the distributions' tools.
            Packed = image is null ? MemoryRange.Megabytes(10, 16, 60) : MemoryRange.Exactly(image.Bytes),
            Unpacked = image is null ? MemoryRange.Megabytes(24, 36, 150) : MemoryRange.Exactly(image.Unpacked),
            RootPercent = Percent(line, realRoot),
            Cpus = cpus,
            BytesPerCpu = CpuMemory.Assumed.PerCpu,
            Modules = Modules(root, inImage),
            Drivers = Drivers(root, facts, inImage),
            Ram = ram,
            Systemd = !facts.Any<ImageSummary>() || realRoot || image!.Systemd,
            RealRoot = realRoot,
            Network = facts.Of<DumpTarget>().Any(t => t.IsRemote),
            Encrypted = facts.Of<TargetEncrypted>().Any(t => !t.KeysKept),
            MemoryEncryption = (root.Text("/proc/cmdline") ?? "").Contains("mem_encrypt=on", StringComparison.Ordinal),
            InterruptTables = facts.Of<ItsTable>().DistinctBy(t => (t.Its, t.Content)).Sum(t => t.Bytes),
            LargePages = facts.Of<MachinePageSize>() is [{ Bytes: var page }, ..] ? page == 65536
                : facts.Of<MachineKernel>().Any(k => k.Release.Contains("64k", StringComparison.Ordinal)),
        };
        return new MemoryOutlook(source, new MemoryForecast(inputs),
            facts.Of<CrashReservation>() is [var reserved, ..] ? reserved.Bytes : -1, image?.Source.Input ?? "")
        {
            Advice = [.. MemoryAdvices.Of(root, facts, ram, cpus)],
        };
    }

    /// <summary>
    /// The kernel's sections as root's /proc/iomem has them; else init_size of its file (Documentation/arch/x86/boot.rst), which covers the
    /// decompressor's room too; else what distribution kernels take.
    /// </summary>
    private static (MemoryRange Bytes, string Reason, Source Source) Kernel(MachineTree root, Facts facts)
    {
        long sum = 0;
        Source? source = null;
        int number = 0;
        foreach (string row in (root.Text("/proc/iomem") ?? "").Split('\n'))
        {
            number++;
            string[] parts = row.Trim().Split(" : ");
            if (parts is [var range, "Kernel code" or "Kernel rodata" or "Kernel data" or "Kernel bss"] &&
                range.Split('-') is [var from, var to] && ulong.TryParse(from, NumberStyles.AllowHexSpecifier, null, out ulong a) &&
                ulong.TryParse(to, NumberStyles.AllowHexSpecifier, null, out ulong b) && b > a && b - a < 1UL << 32)
            {
                sum += (long)(b - a) + 1;
                source ??= Source.Of(root.Shown("/proc/iomem"), row, number);
            }
        }
        if (source is not null)
            return (MemoryRange.Exactly(sum), "measured: /proc/iomem", source);
        string path = (facts.Of<MachineKernel>() is [var kernel, ..] ? KernelFile.Find(root, kernel.Release) : null) ?? "/boot/vmlinuz";
        if (root.Bytes(path, 0x300) is { Length: >= 0x264 } head && head.AsSpan(0x202, 4).SequenceEqual("HdrS"u8) &&
            BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(0x260)) is > 0 and < 1U << 30 and var size)
            return (new(size * 6L / 10, size * 8L / 10, size), "init_size of the kernel's file",
                new Source(root.Shown(path), $"init_size {size}"));
        return (MemoryRange.Megabytes(28, 40, 60), "typical: neither root's /proc/iomem nor the kernel's file is there",
            new Source(root.Shown("/proc/iomem"), "not there"));
    }

    /// <summary>
    /// init/do_mounts.c: without root= (kdump-utils takes it out) the root file system is a tmpfs of half the memory, or what
    /// initramfs_options= says (6.18); with root= or another rootfstype= and no rootfstype=tmpfs it is a ramfs without a limit.
    /// </summary>
    private static int Percent(CommandLine line, bool realRoot)
    {
        string? kinds = line.Last("rootfstype");
        if (realRoot || (kinds is null ? line.Last("root") is { Length: > 0 } : !kinds.Contains("tmpfs", StringComparison.Ordinal)))
            return 100;
        // Whether the kernel knows the option is not checked: older ones ignore it, so this limit is kept as the worst case.
        return 50;
    }

    private static long Ram(MachineTree root)
    {
        var own = new Facts();
        root.Parse("/proc/meminfo", new Meminfo(), own);
        return own.Of<MemoryState>() is [.., { Total: > 0 } memory] ? memory.Total * 1024 : DeviceTree.Of(root)?.Memory() ?? 0;
    }

    /// <summary>/proc/modules: name and size of what is loaded now, as far as the image has it.</summary>
    private static long Modules(MachineTree root, Func<string, bool>? inImage)
    {
        long sum = 0;
        foreach (string row in (root.Text("/proc/modules") ?? "").Split('\n'))
        {
            string[] words = row.Split(' ');
            if (words.Length > 1 && long.TryParse(words[1], out long size) && size is > 0 and < 1L << 30 &&
                (inImage is null || inImage(ImageModules.Normal(words[0]))))
                sum += size;
        }
        // No module listed: a kernel with its disk's driver built in, or a collection without the file.
        return sum > 0 ? sum : 2 * Mb;
    }

    /// <summary>Drivers of the image that will find devices, by what the running kernel has bound.</summary>
    private static List<(string Module, int Devices, bool Needed)> Drivers(MachineTree root, Facts facts, Func<string, bool>? inImage)
    {
        HashSet<string> needed = [.. facts.Of<TargetDriver>().Select(d => ImageModules.Normal(d.Module))];
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        if (facts.Of<VectorOutlook>() is [.., var outlook])
        {
            foreach (string module in outlook.Forecast.Consumers.Where(c => c.Device is { Module.Length: > 0 })
                .Select(c => c.Device!.Module))
                found[module] = found.GetValueOrDefault(module) + 1;
        }
        else
        {
            foreach (string device in root.List("/sys/bus/pci/devices"))
            {
                if (root.Link($"/sys/bus/pci/devices/{device}/driver") is { } link)
                {
                    string module = ImageModules.Normal(link[(link.LastIndexOf('/') + 1)..]);
                    if (inImage is null || inImage(module))
                        found[module] = found.GetValueOrDefault(module) + 1;
                }
            }
        }
        return [.. found.Where(f => f.Key != "pcieport").OrderByDescending(f => DriverMemory.Of(f.Key, f.Value, false).Bytes.Likely)
            .Select(f => (f.Key, f.Value, needed.Contains(f.Key)))];
    }
}
