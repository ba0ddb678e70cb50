using Kdump.Formats.Dumps;

namespace Kdump.Sources.Inputs;

/// <summary>Names of contents other than text for <c>kdt explain</c>'s list of inputs.</summary>
public static class Magic
{
    public const string Vmcore = "vmcore";

    /// <summary>Null for what may be text.</summary>
    public static (string Kind, string Note)? Of(FirstBytes content) => content.Family switch
    {
        ContentFamily.Dump => (Vmcore,
            "a dump: give it as a file, not packed, to kdt explain or kdt vmcore (kdt vmcore log prints its log)"),
        ContentFamily.OtherDump => (content.Name, $"not read: {content.Advice}"),
        ContentFamily.Initramfs => ("initramfs", "judged by kdt image check FILE"),
        ContentFamily.Program => ("ELF file", "a program, library, module or kernel: not read"),
        ContentFamily.Kernel => ("kernel image", content.Advice.Length > 0 ? $"{content.Name}: {content.Advice}"
            : $"{content.Name}: not read"),
        ContentFamily.FileSystem or ContentFamily.Disk => (content.Name, "not read"),
        ContentFamily.Zeros => ("zeros", "only zeros: it was never written"),
        ContentFamily.Compressed => (content.Name, "too many layers of compression: unpack it"),
        _ => content.IsArchive ? (content.Name, "give it to kdt explain") : null,
    };

    /// <summary>JSON whose first member is the schema of the probe's report.</summary>
    public static bool IsProbeReport(ReadOnlySpan<byte> head) =>
        head.TrimStart(" \t\r\n"u8).StartsWith("{"u8) && head[..Math.Min(head.Length, 256)].IndexOf("\"kdump-probe.report/"u8) > 0;
}
