using System.Globalization;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>
/// makedumpfile or kexec-tools is older than the kernel needs. The table is from the histories of both (makedumpfile's commits name
/// the kernel; releases 1.6.8 to 1.7.9): the first version with each change. Distributions backport fixes without a new version
/// number.
/// </summary>
public sealed class HostToolTooOld : Rule
{
    /// <param name="Kernel">The first kernel that needs it.</param>
    /// <param name="Version">The first release that has it.</param>
    /// <param name="Architecture">Empty for all.</param>
    private sealed record Need(string Kernel, string Version, string Architecture, Severity Severity, string What);

    private static readonly Need[] Needs =
    [
        new("5.4", "1.6.9", "aarch64", Severity.Error,
            "it cannot translate this kernel's addresses (arm64's flipped address space layout)"),
        new("5.10", "1.6.9", "", Severity.Warning, "it cannot read this kernel's log: the dump is written, but not its dmesg"),
        new("6.2", "1.7.3", "", Severity.Warning, "it excludes pages of the kernel's own objects (slab) from the dump"),
        new("6.3", "1.7.3", "", Severity.Info, "it does not know compound pages of this kernel: the dump may be larger"),
        new("6.10", "1.7.6", "", Severity.Warning, "it excludes pages of the kernel's own objects (slab) from the dump"),
        new("6.12", "1.7.7", "", Severity.Info, "it misclassifies some compound pages of this kernel: the dump may be larger"),
        new("7.1", "1.8.0", "", Severity.Warning, "it excludes tail pages of compound pages that belong in the dump"),
    ];

    public override string Id => "dump-tool-too-old";

    public override Entry Entry => new("dump-tool-too-old", "makedumpfile or kexec-tools is older than the kernel needs")
    {
        Area = Area.Preparing,
        Signature = ["version of makedumpfile or kexec-tools against uname -r and the form of the kernel's file"],
        Cause = "The kernel changed its structures or its file format after that release; distributions update both together; with " +
            "other kernels (backports, elrepo, self-built) they may not match.",
        Fixes = [new("Update makedumpfile or kexec-tools, or boot the distribution's own kernel")],
        Origin = "history of makedumpfile 1.6.8 to 1.7.9 and kexec-tools 2.0.28 to 2.0.31",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach ((string release, Source source, bool next) in Kernels(facts))
        {
            if (facts.Of<ToolVersion>().FirstOrDefault(t => t.Tool == "makedumpfile") is { } tool &&
                Needs.Where(n => IsBelow(tool.Version, n.Version) && !IsBelow(release, n.Kernel) &&
                (n.Architecture.Length == 0 || release.Contains(n.Architecture, StringComparison.Ordinal) ||
                release.Contains("arm64", StringComparison.Ordinal))).OrderBy(n => n.Severity).LastOrDefault() is { } need)
            {
                yield return new Finding(Id,
                    $"makedumpfile {tool.Version} is older than the {(next ? "next" : "running")} kernel {release} needs",
                    need.Severity, 0.7,
                        $"Linux {need.Kernel} and newer require {need.Version}: {need.What}. A distribution may have backported the " +
                            $"change without a new version number.")
                {
                    Subject = $"makedumpfile:{release}",
                    Evidence = [tool.Source, source],
                    Fixes = [.. Update("makedumpfile")],
                };
            }
        }
        if (facts.Of<KernelImageForm>().FirstOrDefault(f => f.Form == "zboot") is { } form &&
            facts.Of<ToolVersion>().FirstOrDefault(t => t.Tool == "kexec-tools") is { } kexec && IsBelow(kexec.Version, "2.0.28"))
        {
            yield return new Finding(Id, $"kexec-tools {kexec.Version} cannot load a kernel in zboot form", Severity.Error, 0.9,
                "The kernel file is self-extracting under EFI; kexec-tools supports that format from 2.0.28 on: \"Cannot determine the " +
                    "file " +
                    "type\".")
            {
                Subject = "kexec-tools",
                Evidence = [form.Source, kexec.Source],
                Fixes = [.. Update("kexec-tools")],
            };
        }
    }

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
            $"dnf upgrade {package} && kdumpctl rebuild && kdumpctl restart") { For = KdumpTools.RedHat };
        yield return new Fix($"Update {package} (from backports where the release has no newer one)",
            $"apt-get update && apt-get install {package}") { For = KdumpTools.Debian };
        yield return new Fix($"Update {package}",
            $"zypper update {package} && mkdumprd -f && systemctl restart kdump") { For = KdumpTools.Suse };
    }

    /// <summary>Compares the leading numbers: 1.7.2 is below 1.7.10; 6.1.0-50-amd64 is 6.1.0.</summary>
    internal static bool IsBelow(string version, string other)
    {
        int[] a = Numbers(version), b = Numbers(other);
        for (int i = 0; i < b.Length; i++)
        {
            int n = i < a.Length ? a[i] : 0;
            if (n != b[i])
                return n < b[i];
        }
        return false;
    }

    private static int[] Numbers(string version)
    {
        int end = 0;
        while (end < version.Length && (char.IsAsciiDigit(version[end]) || version[end] == '.'))
            end++;
        return [.. version[..end].Split('.', StringSplitOptions.RemoveEmptyEntries).Take(3)
            .Select(n => int.TryParse(n, CultureInfo.InvariantCulture, out int value) ? value : 0)];
    }
}
