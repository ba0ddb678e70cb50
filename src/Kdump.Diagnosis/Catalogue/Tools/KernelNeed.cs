using static Kdump.Diagnosis.Text.VersionOrder;

namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// What a kernel needs of a program that reads its memory. Source: the commits of makedumpfile and crash, which name the kernel;
/// the version is the first release that has the change. Distributions carry fixes back without a new number.
/// </summary>
/// <param name="Kernel">The first kernel that needs it.</param>
/// <param name="Version">The first release that has it.</param>
/// <param name="Architecture">Empty for all.</param>
/// <param name="What">What an older program does: "it excludes …".</param>
public sealed record KernelNeed(string Kernel, string Version, string Architecture, Severity Severity, string What)
{
    public static readonly IReadOnlyList<KernelNeed> OfMakedumpfile =
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

    /// <summary>makedumpfile.h LATEST_VERSION by release: of a newer kernel it says "The kernel version is not supported.".</summary>
    private static readonly (string Version, string Latest)[] Known =
    [
        ("1.6.6", "5.1.9"), ("1.6.7", "5.4.8"), ("1.6.8", "5.9.4"), ("1.6.9", "5.12.1"), ("1.7.0", "5.15.0"), ("1.7.1", "5.17.1"),
        ("1.7.2", "6.0.1"), ("1.7.3", "6.3.0"), ("1.7.4", "6.6.0"), ("1.7.5", "6.8.4"), ("1.7.6", "6.11.4"), ("1.7.7", "6.14.2"),
        ("1.7.8", "6.17.4"), ("1.7.9", "7.0.0"),
    ];

    /// <summary>
    /// For a kernel that makedumpfile calls unsupported: the worst need that no such version meets; null if the newest such version
    /// has all that the kernel is known to need.
    /// </summary>
    public static KernelNeed? LackedByAll(string release)
    {
        string newest = Known.LastOrDefault(k => IsBelow(k.Latest, release)).Version ?? "1.6.5";
        return OfMakedumpfile.Where(n => n.Architecture.Length == 0 && !IsBelow(release, n.Kernel) && IsBelow(newest, n.Version))
            .MaxBy(n => n.Severity);
    }
}
