using System.Globalization;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// What the distributions' tools would reserve on this machine: kdump-utils' table (kdump-lib.sh kdump_get_arch_recommend_crashkernel),
/// kdump-tools' default (its file in /etc/default/grub.d), SUSE's calibrate (kdumptool/calibrate.cc with the figures of calibrate.conf).
/// </summary>
internal static class MemoryAdvices
{
    private const long Mb = 1 << 20, Kb = 1 << 10;

    public static IEnumerable<MemoryAdvice> Of(MachineTree root, Facts facts, long ram, int cpus)
    {
        if (RedHat(root, facts, cpus) is { } redHat && CrashkernelSize.Of(redHat.Table, ram) is { } size)
            yield return new("kdumpctl (kdump-utils)", size == 0 ? 0 : size + redHat.More, redHat.Table +
                (redHat.Reason.Length > 0 ? $", {redHat.Reason}" : ""));
        string debian = facts.Of<CrashkernelConfigured>().FirstOrDefault(c => c.Source.Input.EndsWith("/kdump-tools.cfg",
            StringComparison.Ordinal))?.Value ?? "384M-:128M";
        if (CrashkernelSize.Of(debian, ram) is { } own)
            yield return new("kdump-config (kdump-tools)", own, debian == "384M-:128M" ? debian + " (1.8)"
                : debian + " (this machine's file)");
        if (Calibrated(root, facts, ram, cpus) is { } suse)
            yield return new("kdumptool calibrate (SUSE)", suse, "calibrate.conf of this machine");
    }

    /// <summary>
    /// The table of the architecture, and what is added to it: to every range on x86, to all but the first on arm64 (_crashkernel_add with
    /// its number of ranges to skip); and bytes for each processor of POWER (find_nr_cpus). Null for an architecture that has none.
    /// </summary>
    private static (string Table, string Reason, long More)? RedHat(MachineTree root, Facts facts, int cpus)
    {
        string machine;
        if (facts.Of<MachineArchitecture>() is [var known, ..])
            machine = known.Name;
        else
            machine = MachineArchitecture.IsArm64(facts) ? "aarch64" : "x86_64";
        List<(int Mb, string Why)> more = [];
        switch (machine)
        {
            case "x86_64" or "s390x":
                return ("2G-64G:256M,64G-:512M", "", 0);
            case "ppc64le" or "ppc64":
                return (Fadump.IsOn(root)
                    ? "4G-16G:768M,16G-64G:1G,64G-128G:2G,128G-1T:4G,1T-2T:6G,2T-4T:12G,4T-8T:20G,8T-16T:36G,16T-32T:64G," +
                        "32T-64T:128G,64T-:180G"
                    : "2G-4G:384M,4G-16G:512M,16G-64G:1G,64G-128G:2G,128G-:4G", $"and {cpus}M for its CPUs", cpus * Mb);
            case "aarch64":
                break;
            default:
                return null;
        }
        bool large = facts.Of<MachineKernel>() is [var kernel, ..] && kernel.Release.Contains("64k", StringComparison.Ordinal);
        if (large)
        {
            more.Add((100, "pages of 64 KB"));
            if (root.List("/sys/devices/platform").Any(n => n.StartsWith("arm-smmu-", StringComparison.Ordinal)))
                more.Add((384, "the queues of an SMMU"));
        }
        if (root.IsFolder("/sys/bus/pci/drivers/mlx5_core"))
            more.Add((large ? 200 : 150, "mlx5_core"));
        int sum = more.Sum(m => m.Mb);
        return ($"2G-4G:256M,4G-64G:{320 + sum}M,64G-:{576 + sum}M", sum == 0 ? ""
            : "of that " + string.Join(", ", more.Select(m => $"{m.Mb}M for {m.Why}")), 0);
    }

    /// <summary>The formula of calibrate.cc, in KiB, without framebuffers and slabs of ACPI.</summary>
    private static long? Calibrated(MachineTree root, Facts facts, long ram, int cpus)
    {
        if (root.Text("/usr/lib/kdump/calibrate.conf") is not { } text)
            return null;
        Dictionary<string, long> of = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n').Take(1000))
        {
            if (line.IndexOf('=') is > 0 and var at && long.TryParse(line.AsSpan(at + 1).Trim().Trim('"'), CultureInfo.InvariantCulture,
                out long value) && value is >= 0 and < 1L << 32)
                of[line[..at].Trim()] = value;
        }
        if (!of.TryGetValue("KERNEL_BASE", out long kernel) || of.GetValueOrDefault("PAGESIZE") <= of.GetValueOrDefault("SIZEOFPAGE"))
            return null;
        bool network = facts.Of<DumpTarget>().Any(t => t.Kind is TargetKind.Nfs or TargetKind.Ssh or TargetKind.Other);
        long total = ram / Kb, page = Of("PAGESIZE");
        long boot = kernel + Of("KERNEL_INIT") + Of("INIT_CACHED") + (network ? Of("INIT_NET") + Of("INIT_CACHED_NET") : 0);
        long run = kernel + Of("INIT_CACHED") + (2 * 768 * 4);
        run += (Of("PERCPU") + 100 + (3 * page / 1024) + 128 + 5) * cpus;
        run += Of("USER_BASE") + (network ? Of("USER_NET") : 0) + Math.Min((total / page + 3) / 4, 32 * 1024) + (96 * (total >> 17) / 1024);
        run = run * 100 * 1024 / ((100 * 1024) - (20 * 1024) - (20 * 64));
        run = run * 1024 * 1024 / ((1024 * 1024) - (232 * 8));
        run = run * page / (page - of.GetValueOrDefault("SIZEOFPAGE"));
        return ((Math.Max(run, boot) * 130 / 100) + (64 * 1024)) * Kb;

        long Of(string name) => of.GetValueOrDefault(name);
    }
}
