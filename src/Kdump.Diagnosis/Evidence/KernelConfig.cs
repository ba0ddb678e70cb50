namespace Kdump.Diagnosis.Evidence;

/// <summary>One option of a kernel's configuration that matters for dumping.</summary>
/// <param name="Name">Without CONFIG_.</param>
/// <param name="Value"><c>y</c>, <c>m</c>, a number or string; <c>n</c> for "is not set".</param>
public sealed record KernelOption(Source Source, string Name, string Value) : Fact(Source)
{
    public bool Off => Value == "n";
}

/// <summary>Reads a kernel configuration (scripts/kconfig): <c>CONFIG_X=y</c>, <c># CONFIG_X is not set</c>.</summary>
public sealed class KernelConfig : LineParser
{
    /// <summary>Of some ten thousand options those that decide whether a crash kernel can load, unpack, read and dump.</summary>
    private static readonly string[] Kept =
    [
        "KEXEC", "KEXEC_FILE", "KEXEC_CORE", "KEXEC_SIG", "KEXEC_SIG_FORCE", "CRASH_DUMP", "PROC_VMCORE", "RELOCATABLE", "BLK_DEV_INITRD", "BLK_DEV_RAM",
        "RD_GZIP", "RD_BZIP2", "RD_LZMA", "RD_XZ", "RD_LZO", "RD_LZ4", "RD_ZSTD", "MODULE_DECOMPRESS", "MODULE_COMPRESS_XZ", "MODULE_COMPRESS_ZSTD", "MODULE_COMPRESS_GZIP", "MODULE_SIG_FORCE",
        "DEBUG_INFO_BTF", "IKCONFIG", "IRQ_REMAP", "X86_X2APIC", "GENERIC_IRQ_DEBUGFS", "FUNCTION_GRAPH_TRACER", "FUNCTION_GRAPH_RETVAL", "DEBUG_FS", "PSTORE",
    ];

    public override string Kind => "kernel config";

    public override IReadOnlyList<string> Signs => ["CONFIG_", "# Linux/"];

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text.TrimEnd());
        bool off = c.Skip("# CONFIG_");
        if (!off && !c.Skip("CONFIG_"))
            return line.Text.StartsWith("# Linux/", StringComparison.Ordinal) && line.Text.EndsWith("Kernel Configuration", StringComparison.Ordinal);
        if (!c.Before(off ? " is not set" : "=", out ReadOnlySpan<char> name) || name.IndexOfAny(' ', '"') >= 0)
            return false;
        foreach (string kept in Kept)
        {
            if (name.SequenceEqual(kept))
                facts.Add(new KernelOption(line.ToSource(), kept, off ? "n" : c.Rest.Trim('"').ToString()));
        }
        return true;
    }
}
