namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>
/// The machine's processor architecture, by the words of its /proc/cpuinfo or of the compiler in /proc/version. Releases say it on some
/// distributions only: Ubuntu's kernel for arm64 is 6.8.0-1021-aws.
/// </summary>
/// <param name="Name">As uname -m.</param>
public sealed record MachineArchitecture(Source Source, string Name) : Fact(Source)
{
    /// <summary>Beginnings of lines that only one architecture's /proc/cpuinfo has (arch/*/kernel/cpuinfo.c, setup.c).</summary>
    private static readonly (string Begin, string Name)[] Lines =
    [
        ("CPU implementer\t", "aarch64"), ("vendor_id\t: GenuineIntel", "x86_64"), ("vendor_id\t: AuthenticAMD", "x86_64"),
        ("cpuid level\t", "x86_64"), ("hart\t", "riscv64"), ("cpu\t\t: POWER", "ppc64le"), ("vendor_id       : IBM/S390", "s390x"),
        ("CPU Family\t\t: Loongson", "loongarch64"),
    ];

    /// <summary>The compiler in a line of /proc/version.</summary>
    private static readonly (string Compiler, string Name)[] Compilers =
    [
        ("(aarch64-linux-gnu-", "aarch64"), ("(x86_64-linux-gnu-", "x86_64"), ("(powerpc64le-linux-gnu-", "ppc64le"),
        ("(s390x-linux-gnu-", "s390x"), ("(riscv64-linux-gnu-", "riscv64"),
    ];

    /// <summary>Null for a text that does not tell.</summary>
    /// <returns>The architecture, and the line that tells it with its number, from 1.</returns>
    public static (string Name, int Number, string Line)? In(string text)
    {
        // 32-bit arm has an implementer, too, and a model that says so.
        if (text.Contains("model name\t: ARMv7", StringComparison.Ordinal) ||
            text.Contains("model name\t: ARMv6", StringComparison.Ordinal))
            return null;
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if ((Array.Find(Lines, l => line.StartsWith(l.Begin, StringComparison.Ordinal)).Name ??
                Array.Find(Compilers, c => line.Contains(c.Compiler, StringComparison.Ordinal)).Name) is { } name)
                return (name, number, line);
        }
        return null;
    }

    public static bool IsArm64(Facts facts) => facts.Of<MachineArchitecture>() is [var known, ..] ? known.Name == "aarch64"
        : facts.Any<ArmCpu>() || facts.Of<MachineKernel>().Any(k => IsArm64(k.Release));

    public static bool IsArm64(string release) => release.Contains("aarch64", StringComparison.Ordinal) ||
        release.Contains("arm64", StringComparison.Ordinal);
}
