using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using static Kdump.Diagnosis.Text.VersionOrder;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>
/// makedumpfile, kexec-tools or crash is older than the kernel needs. Source: their histories (makedumpfile's and crash's commits
/// name the kernel; makedumpfile 1.6.8 to 1.7.9, crash 7.3.0 to 9.0.2, kexec-tools 2.0.27 to 2.0.32), by the version that was the
/// first to have it. Distributions carry fixes back without a new number.
/// </summary>
public sealed class HostToolTooOld : Rule
{
    /// <summary>crash opens the dump later, on this machine or another: an old crash loses no dump.</summary>
    private static readonly KernelNeed[] CrashNeeds =
    [
        new("5.10", "7.3.0", "", Severity.Info, "it cannot show the kernel's log"),
        new("5.17", "8.0.1", "", Severity.Info, "its kmem fails on slabs"),
        new("6.2", "8.0.3", "", Severity.Info, "its kmem fails on slabs"),
        new("6.4", "8.0.4", "", Severity.Warning, "it stops at the modules' new layout before its prompt"),
        new("6.5", "8.0.4", "", Severity.Warning, "it finds no tasks"),
        new("6.10", "8.0.6", "", Severity.Info, "its kmem -i and swap fail"),
        new("6.16", "9.0.1", "", Severity.Info, "its kmem -p fails"),
        new("6.18", "9.0.2", "", Severity.Info, "its timer -r fails"),
        new("7.1", "9.0.3", "", Severity.Info, "its bt reads some registers wrongly"),
    ];

    public override string Id => "dump-tool-too-old";

    public override Entry Entry => new("dump-tool-too-old", "makedumpfile, kexec-tools or crash is older than the kernel needs")
    {
        Area = Area.Preparing,
        Signature = ["version of makedumpfile, kexec-tools or crash against uname -r and the form of the kernel's file"],
        Cause = "The kernel changed its structures or its file format after that release. Distributions release matching versions; " +
            "with other kernels (backports, ELRepo, self-built) the versions may not match.",
        Fixes = [new("Update the tool, or boot the distribution's own kernel")],
        Origin = "history of makedumpfile 1.6.8 to 1.7.9, crash 7.3.0 to 9.0.2 and kexec-tools 2.0.27 to 2.0.32",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach ((string release, Source source, bool next) in Kernels(facts))
        {
            foreach ((string name, IReadOnlyList<KernelNeed> needs) in new[] { ("makedumpfile", KernelNeed.OfMakedumpfile),
                ("crash", CrashNeeds) })
            {
                if (facts.Of<ToolVersion>().FirstOrDefault(t => t.Tool == name) is { } tool &&
                    Worst(needs, tool, release, facts) is { } need)
                    yield return Older(tool, need, release, source, next);
            }
        }
        foreach (KernelImageForm form in facts.Of<KernelImageForm>().Where(f => !f.InImage))
        {
            if (facts.Of<ToolVersion>().FirstOrDefault(t => t.Tool == "kexec-tools") is { } kexec && Loader(form, facts) is { } first &&
                IsBelow(kexec.Version, first))
                yield return Unloadable(form, kexec, first);
        }
    }

    private static KernelNeed? Worst(IReadOnlyList<KernelNeed> needs, ToolVersion tool, string release, Facts facts) =>
        needs.Where(n => IsBelow(tool.Version, n.Version) && !IsBelow(release, n.Kernel) &&
            (n.Architecture.Length == 0 || MachineArchitecture.IsArm64(facts)))
            .OrderBy(n => n.Severity).LastOrDefault();

    private Finding Older(ToolVersion tool, KernelNeed need, string release, Source source, bool next) =>
        new(Id, $"{tool.Tool} {tool.Version} is older than the {(next ? "next" : "running")} kernel {release} needs", need.Severity, 0.7,
            $"From Linux {need.Kernel} on {need.Version} is required: {need.What}. " +
                $"A distribution may have backported the change without a new version number.")
        {
            Subject = $"{tool.Tool}:{release}",
            Evidence = [tool.Source, source],
            Fixes = tool.Tool == "makedumpfile" ? [.. Update("makedumpfile")] : [new Fix(
                $"Update {tool.Tool}, or open the dumps of this machine elsewhere; the dump itself is not affected")],
        };

    /// <summary>
    /// The first kexec-tools that loads such a file: zboot of gzip and lzma (kexec/kexec-pe-zboot.c), of zstd since its commit a7fcd42,
    /// unified images since cd360f9 (arm64) and 0475ec5 (x86). Before kdump-utils 1.0.57 kdumpctl took the kernel out of a unified image
    /// itself (by objcopy; its commits ea7be06 and f7fbe21).
    /// </summary>
    private static string? Loader(KernelImageForm form, Facts facts)
    {
        // 2.0.27 (commit fc7b83b) hands it to kexec_file_load only, 2.0.28 (8f08e3b) loads it itself, 2.0.31 (a7fcd42) unpacks zstd.
        if (form.Form == "zboot")
        {
            if (form.Packing.StartsWith("zstd", StringComparison.Ordinal))
                return "2.0.31";
            if (facts.Of<KdumpSetting>().Any(s => s.Name is "KEXEC_ARGS" or "KEXEC_OPTIONS" or "KDUMP_KEXEC_ARGS" &&
                s.Value.Split(' ').Any(w => w is "-s" or "-a")))
                return "2.0.27";
            return "2.0.28";
        }
        if (form.Form != "uki" || facts.Of<ToolVersion>().Any(t => t.Tool == "kdump-utils" && IsBelow(t.Version, "1.0.57")))
            return null;
        return MachineArchitecture.IsArm64(facts) ? "2.0.30" : "2.0.31";
    }

    private Finding Unloadable(KernelImageForm form, ToolVersion kexec, string first) =>
        new(Id, $"kexec-tools {kexec.Version} cannot load " + (form.Form == "zboot" ? "a kernel in zboot form" : "a unified kernel image"),
            Severity.Error, form.Form == "zboot" ? 0.9 : 0.75, form.Form == "zboot"
            ? $"The kernel's file unpacks itself under EFI{(form.Packing.Length == 0 ? "" : $" (it is packed with {form.Packing})")}; " +
                $"kexec-tools knows that form from {first} on: \"Cannot determine the file type\"."
            : $"Kernel, initramfs and command line stand in one EFI program; kexec-tools takes the kernel out of it from {first} on.")
        {
            Subject = "kexec-tools",
            Evidence = [form.Source, kexec.Source],
            Fixes = [.. Update("kexec-tools")],
        };

    private static IEnumerable<(string Release, Source Source, bool Next)> Kernels(Facts facts)
    {
        string running = "";
        if (facts.Of<MachineKernel>() is [var kernel, ..])
            yield return (running = kernel.Release, kernel.Source, false);
        if (facts.Of<NextBoot>() is [{ Release.Length: > 0 } boot, ..] && boot.Release != running)
            yield return (boot.Release, boot.Source, true);
    }

    private static IEnumerable<Fix> Update(string package)
    {
        yield return new Fix($"Update {package}",
            $"dnf upgrade {package} && kdumpctl rebuild && kdumpctl restart")
        { For = KdumpTools.RedHat, Undo = $"dnf downgrade {package} && kdumpctl rebuild && kdumpctl restart" };
        yield return new Fix($"Update {package} (from backports where the release has no newer one)",
            $"apt-get update && apt-get install {package}") { For = KdumpTools.Debian };
        yield return new Fix($"Update {package}",
            $"zypper update {package} && mkdumprd -f && systemctl restart kdump") { For = KdumpTools.Suse };
    }
}
