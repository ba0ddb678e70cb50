using Kdump.Diagnosis.Kconfig;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>One option of a kernel's configuration that matters for dumping.</summary>
/// <param name="Name">Without CONFIG_.</param>
/// <param name="Value"><c>y</c>, <c>m</c>, a number or string; <c>n</c> for "is not set".</param>
public sealed record KernelOption(Source Source, string Name, string Value) : Fact(Source)
{
    public bool Off => Value == "n";
}

/// <summary>A whole kernel configuration.</summary>
public sealed record KernelConfigSeen(Source Source, ConfigOptions Config) : Fact(Source);

/// <summary>
/// Reads a kernel configuration (scripts/kconfig): <c>CONFIG_X=y</c>, <c># CONFIG_X is not set</c>. A few options quoted in a report are
/// facts one by one, and no configuration.
/// </summary>
public sealed class KernelConfig : LineParser
{
    private const int Least = 50;

    /// <summary>The options (of some ten thousand) that decide whether a crash kernel can load, unpack, read and dump.</summary>
    private static readonly string[] Kept =
    [
        "KEXEC", "KEXEC_FILE", "KEXEC_CORE", "KEXEC_SIG", "KEXEC_SIG_FORCE", "CRASH_DUMP", "PROC_VMCORE", "RELOCATABLE", "BLK_DEV_INITRD",
            "BLK_DEV_RAM",
        "RD_GZIP", "RD_BZIP2", "RD_LZMA", "RD_XZ", "RD_LZO", "RD_LZ4", "RD_ZSTD", "MODULE_DECOMPRESS", "MODULE_COMPRESS_XZ",
            "MODULE_COMPRESS_ZSTD", "MODULE_COMPRESS_GZIP", "MODULE_SIG_FORCE",
        "DEBUG_INFO_BTF", "IKCONFIG", "IRQ_REMAP", "X86_X2APIC", "GENERIC_IRQ_DEBUGFS", "FUNCTION_GRAPH_TRACER", "FUNCTION_GRAPH_RETVAL",
            "DEBUG_FS", "PSTORE", "SQUASHFS", "SQUASHFS_ZLIB", "SQUASHFS_LZO", "SQUASHFS_XZ", "SQUASHFS_LZ4", "SQUASHFS_ZSTD", "EROFS_FS",
            "OVERLAY_FS", "BLK_DEV_LOOP", "ARM64_4K_PAGES", "ARM64_16K_PAGES", "ARM64_64K_PAGES",
    ];

    private ConfigOptions config = new();
    private Source? first;

    public override string Kind => "kernel config";

    public override IReadOnlyList<string> Signs => ["CONFIG_", "# Linux/"];

    public override bool Line(in TextLine line, Facts facts)
    {
        if (!config.Line(line.Text, out ReadOnlySpan<char> name))
            return line.Text.StartsWith("# Linux/", StringComparison.Ordinal) &&
                line.Text.EndsWith("Kernel Configuration", StringComparison.Ordinal);
        first ??= line.ToSource();
        foreach (string kept in Kept)
        {
            if (name["CONFIG_".Length..].SequenceEqual(kept))
                facts.Add(new KernelOption(line.ToSource(), kept, config["CONFIG_" + kept].Trim('"')));
        }
        return true;
    }

    public override void End(Facts facts)
    {
        if (first is not null && config.Values.Count >= Least)
            facts.Add(new KernelConfigSeen(first, config));
        config = new();
        first = null;
    }
}
