using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>
/// Parameters that the crash kernel gets but should not: misspelt ones, which the kernel silently passes on to init, and inherited
/// ones that cost memory or make the boot fail. The list of harmful ones is from kdump-utils' removal lists and their reasons.
/// </summary>
public sealed class ImageParameters : Rule
{
    private static readonly (string Name, string Why)[] Harmful =
    [
        ("hugepages", "huge pages are allocated out of the small reserved memory"),
        ("hugetlb_cma", "contiguous memory is reserved out of the small reserved memory"),
        ("cma", "contiguous memory is reserved out of the small reserved memory"),
        ("swiotlb", "the bounce buffer of the first kernel does not fit the crash kernel"),
        ("slub_debug", "slab debugging costs tens of megabytes"),
        ("kmemleak", "leak tracking costs memory"),
        ("maxcpus", "the other CPUs stay possible and use per-CPU memory: use nr_cpus= instead"),
        ("panic_on_warn", "any warning in the crash kernel ends it before the dump"),
        ("crashkernel", "the crash kernel would itself reserve memory"),
        ("movable_node", "the kernel cannot use part of the memory"),
        ("prot_virt", "the ultravisor needs gigabytes, more than the reservation has"),
        ("log_buf_len", "the log buffer of the first kernel is allocated again"),
    ];

    public override string Id => "cmdline-parameter-harmful";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (CaptureParameter p in facts.Of<CaptureParameter>())
        {
            foreach (Finding finding in Of(p, IsOther(facts)))
                yield return finding;
            if (p.Name == "irqpoll" && OnGraviton(facts) is { } machine)
                yield return Irqpoll(p, machine);
        }
        foreach (ParameterNotOfModule p in facts.Of<ParameterNotOfModule>())
            yield return Unheard(p);
    }

    /// <summary>What one parameter does to a crash kernel.</summary>
    internal static IEnumerable<Finding> Of(CaptureParameter p, bool otherArchitecture = false)
    {
        string name = p.Name.Replace('-', '_');
        // kdump-utils itself appends cma=0 and hugetlb_cma=0: they switch off.
        // swiotlb=noforce is no buffer, and kdump-utils' own default on arm64; maxcpus=1 is its own where nr_cpus= once failed to boot.
        bool own = (name == "swiotlb" && p.Value is "noforce") || (name == "maxcpus" && otherArchitecture);
        foreach ((string harmful, string why) in Harmful.Where(h => h.Name == name && !own && p.Value is not ("0" or "off")).Take(1))
        {
            yield return new Finding("cmdline-parameter-harmful", $"the crash kernel gets {Show(p)}", Severity.Warning, 0.85,
                $"In a crash kernel {why}.")
            {
                Subject = p.Name,
                Evidence = [p.Source],
                Fixes = [.. TakeOut(p.Name)],
            };
        }
        if (name.Length >= 6 && !KnownParameters.Has(name) &&
            (!name.Contains('.') || name.StartsWith("rd.", StringComparison.Ordinal) ||
            name.StartsWith("systemd.", StringComparison.Ordinal)) && Meant(name) is { } meant)
        {
            yield return new Finding("cmdline-parameter-unknown", $"the crash kernel gets {Show(p)}; {meant} may be meant",
                Severity.Warning, 0.8,
                "The kernel hands a parameter it does not know to init without a word, so it has no effect.")
            {
                Subject = p.Name,
                Evidence = [p.Source],
                Fixes = [new Fix($"Write {meant}")],
            };
        }
    }

    internal static bool IsOther(Facts facts) => facts.Of<MachineArchitecture>() is [var known, ..]
        ? OwnMaxcpus.Any(a => known.Name.StartsWith(a, StringComparison.Ordinal)) : facts.Of<MachineKernel>().Any(k => IsOther(k.Release));

    /// <summary>The release of a kernel of powerpc, riscv or loongarch, for which kdump-utils' defaults have maxcpus=1.</summary>
    internal static bool IsOther(string release) =>
        OwnMaxcpus.Any(a => release.Contains(a, StringComparison.Ordinal));

    private static readonly string[] OwnMaxcpus = ["ppc64", "powerpc", "riscv", "loongarch"];

    private static MachineVendor? OnGraviton(Facts facts) =>
        MachineArchitecture.IsArm64(facts) ? facts.Of<MachineVendor>().FirstOrDefault(v => v.Name == "Amazon EC2") : null;

    /// <summary>kdump-utils commit d593bfa (bz2080468).</summary>
    private static Finding Irqpoll(CaptureParameter p, MachineVendor machine) =>
        new("cmdline-parameter-harmful", "the crash kernel gets irqpoll on a Graviton machine", Severity.Warning, 0.85,
            "There irqpoll also calls the ACPI handler, which treats the serial console as unplugged: no console output follows.")
        {
            Subject = p.Name,
            Evidence = [p.Source, machine.Source],
            Fixes = [.. TakeOut("irqpoll")],
        };

    /// <summary>
    /// kdump-utils takes parameters out by KDUMP_COMMANDLINE_REMOVE; kdump-tools and SUSE's kdump have no such list: the whole command line
    /// is written instead (kdump-config's KDUMP_CMDLINE, load.sh's KDUMP_COMMANDLINE).
    /// </summary>
    private static IEnumerable<Fix> TakeOut(string name)
    {
        const string Whole = "; where the running kernel has it, write the whole command line without it as ";
        yield return new Fix(
            $"RHEL, Fedora: add {name} to KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump, or remove it from KDUMP_COMMANDLINE_APPEND",
            DumpImage.Reload(KdumpTools.RedHat)) { For = KdumpTools.RedHat };
        yield return new Fix($"Debian, Ubuntu: take {name} out of KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools{Whole}KDUMP_CMDLINE",
            DumpImage.Reload(KdumpTools.Debian)) { For = KdumpTools.Debian };
        yield return new Fix($"SUSE: take {name} out of KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump{Whole}KDUMP_COMMANDLINE",
            DumpImage.Reload(KdumpTools.Suse)) { For = KdumpTools.Suse };
    }

    private static Finding Unheard(ParameterNotOfModule p)
    {
        string asked = p.Parameter[(p.Parameter.IndexOf('.') + 1)..].Split('=')[0].Replace('-', '_');
        string? meant = MeantWord.Of(asked, p.Names, most: 1);
        return new("cmdline-parameter-unknown",
            $"the crash kernel gets {p.Parameter}, and {p.Module} has no parameter of that name" +
            (meant is null ? "" : $"; {meant} may be meant"), Severity.Warning, 0.9,
            "The module is loaded without it, with \"unknown parameter … ignored\" in the log.")
        {
            Subject = p.Parameter,
            Evidence = [p.Source],
            Fixes = [new Fix($"{p.Module} knows: {ImageModuleDependency.Few(p.Names)} (modinfo {p.Module})")],
        };
    }

    private static string Show(CaptureParameter p) => p.Value is null ? p.Name : $"{p.Name}={p.Value}";

    private static string? Meant(string name) => MeantWord.Of(name, KnownParameters.All.Where(k => k.Length >= 6), most: 1);
}
