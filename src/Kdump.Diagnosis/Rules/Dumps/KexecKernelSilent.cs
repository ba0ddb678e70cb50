using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A normal kexec (kexec -e, systemctl kexec, a boot loader such as petitboot or LinuxBoot, a warm reboot) started a kernel, and
/// the log contains no line of that kernel.
/// </summary>
public sealed class KexecKernelSilent : Rule
{
    public override string Id => "kexec-kernel-silent";

    public override Entry Entry => new("kexec-kernel-silent", "a kernel was started by kexec, but the log contains no line of it")
    {
        Area = Area.Crashing,
        Signature = ["kexec_core: Starting new kernel (the log ends, or only firmware messages follow)"],
        Cause = "The new kernel hung or failed before its console was up: " +
            "no console= or earlycon for this port, a device or CPU that the old kernel left running, a wrong device tree or memory map, " +
            "or its own command line reserves memory that overlaps its segments (crashkernel=SIZE@ADDRESS). " +
            "Or the log simply ends there, and there is no problem.",
        Fixes = [new("Enable early output of the new kernel: earlycon or earlyprintk=, and console=, on the command line given to kexec")],
        Origin = "kernel/kexec_core.c kernel_kexec(); arch/arm/kernel/machine_kexec.c; xcat2/xcat-core issue 4840",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (LoadedOnly(facts) is { } loaded)
            yield return loaded;
        foreach (Boot boot in facts.Boots.Distinct().Where(b => b.HandsOver is not null && b.Jumped is null && b.Capture != true).Take(8))
        {
            if (facts.Boots.Any(b => b.Previous == boot) || boot.Input.Contains("dmesg", StringComparison.Ordinal))
                continue;
            string? at = boot.CommandLine?.Split(' ')
                .FirstOrDefault(w => w.StartsWith("crashkernel=", StringComparison.Ordinal) && w.Contains('@', StringComparison.Ordinal));
            yield return new Finding(Id, "the new kernel that kexec started is silent: this log contains no line of it", Severity.Warning,
                0.7, "This kernel handed over normally (a normal kexec, no crash). " +
                    "The started kernel hung or failed before its first line, " +
                    "writes to another console, or this log was saved by the old kernel (then there may be no problem)." +
                (at is null ? "" : $" The command line here has {at}: a fixed address may overlap kernel, image or firmware."))
            {
                Evidence = [boot.HandsOver!],
                Fixes =
                [
                    new Fix("Enable early output of the new kernel: earlycon (arm64, riscv, " +
                        "loongarch) or earlyprintk=serial,ttyS0,115200 (x86) and the right console= on the command line given to kexec",
                        "kexec -l KERNEL --initrd=IMAGE --command-line=\"$(cat /proc/cmdline) earlycon\""),
                    new Fix("Compare its command line with one that works: without crashkernel=SIZE@ADDRESS (no fixed address), " +
                        "with nr_cpus=1, and with the drivers of graphics and network unloaded before", "cat /proc/cmdline"),
                ],
            };
        }
    }

    /// <summary>
    /// kexec prints where it put each segment, and nothing refused it; no line tells whether the loaded kernel was started.
    /// </summary>
    private static Unknown? LoadedOnly(Facts facts)
    {
        KexecSegment? piece = facts.Of<KexecSegment>().FirstOrDefault();
        bool plain = facts.Of<KexecTyped>().Any(t => !t.Panic) || !facts.Any<KexecTyped>();
        if (piece is null || !plain || facts.Of<ToolSaid>().Any(s => s.Message.Stage == ToolStage.Loading) || facts.Any<ToolCrash>() ||
            facts.Any<KernelBanner>() || facts.Any<OutOfMemory>() || facts.Any<KernelPanic>() ||
                facts.Boots.Any(b => b.HandsOver is not null || b.Jumped is not null))
            return null;
        return new("whether the new kernel runs: " +
            "kexec placed its pieces and no line tells of a refusal, so it was loaded; nothing of a start " +
            "of it is in these inputs", "the console from `kexec -e` " +
            "(systemctl kexec) on, with earlycon or earlyprintk= and the right console= on the command line given to kexec; " +
            "cat /sys/kernel/kexec_loaded") { Evidence = [piece.Source] };
    }
}
