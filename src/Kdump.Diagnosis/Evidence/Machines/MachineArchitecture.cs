using Kdump.Diagnosis.Evidence.DumpSetup;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>
/// The machine's processor architecture, by the words of its /proc/cpuinfo or of the compiler in /proc/version. Releases say it on some
/// distributions only: Ubuntu's kernel for arm64 is 6.8.0-1021-aws.
/// </summary>
/// <param name="Name">As uname -m.</param>
public sealed record MachineArchitecture(Source Source, string Name) : Fact(Source)
{
    /// <summary>What stands in /proc/cpuinfo of no other architecture (arch/*/kernel/cpuinfo.c, setup.c).</summary>
    private static readonly (string Sign, string Name)[] Signs =
    [
        ("\nCPU implementer\t", "aarch64"), ("\nvendor_id\t: GenuineIntel", "x86_64"), ("\nvendor_id\t: AuthenticAMD", "x86_64"),
        ("\ncpuid level\t", "x86_64"), ("\nhart\t", "riscv64"), ("\ncpu\t\t: POWER", "ppc64le"), ("vendor_id       : IBM/S390", "s390x"),
        ("\nCPU Family\t\t: Loongson", "loongarch64"), ("(aarch64-linux-gnu-", "aarch64"), ("(x86_64-linux-gnu-", "x86_64"),
        ("(powerpc64le-linux-gnu-", "ppc64le"), ("(s390x-linux-gnu-", "s390x"), ("(riscv64-linux-gnu-", "riscv64"),
    ];

    /// <summary>Null for a text that does not tell; the line that tells it.</summary>
    public static (string Name, int Line)? In(string text)
    {
        // 32-bit arm has an implementer, too, and a model that says so.
        if (text.Contains("model name\t: ARMv7", StringComparison.Ordinal) ||
            text.Contains("model name\t: ARMv6", StringComparison.Ordinal))
            return null;
        foreach ((string sign, string name) in Signs)
        {
            int at = text.IndexOf(sign, StringComparison.Ordinal);
            if (at >= 0)
                return (name, 1 + text.AsSpan(0, sign[0] == '\n' ? at + 1 : at).Count('\n'));
        }
        return null;
    }

    public static bool IsArm64(Facts facts) => facts.Of<MachineArchitecture>() is [var known, ..] ? known.Name == "aarch64"
        : facts.Any<ArmCpu>() || facts.Of<MachineKernel>().Any(k => IsArm64(k.Release));

    public static bool IsArm64(string release) => release.Contains("aarch64", StringComparison.Ordinal) ||
        release.Contains("arm64", StringComparison.Ordinal);
}
