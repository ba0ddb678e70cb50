using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>A kind of dump that is recognised by name but not supported, so that the message can say more than "not a dump".</summary>
public sealed class KnownUnsupported : DumpFormat
{
    private readonly Func<ReadOnlyMemory<byte>, bool> begins;
    private KnownUnsupported(string name, string advice, Func<ReadOnlyMemory<byte>, bool> begins)
    {
        Name = name;
        Advice = advice;
        this.begins = begins;
    }

    public static IReadOnlyList<KnownUnsupported> All { get; } =
    [
        // LKCD's dump_header (dump_magic_number), either byte order; LKCD's s390 standalone dumper has its own number.
        new("an LKCD dump", "crash reads it", h => U64(h, 0) is 0xa8190173618f23ed or 0xed238f61730119a8),
        new("an s390 standalone dump", "zgetdump converts it to ELF", h => U64(h, 0) is 0xa8190173618f23fd or 0xfd238f61730119a8),
        new("a Xen dump (xc_core)", "crash reads it", h => U32(h, 0) is 0xF00FEBED or 0xF00FEBEE),
        new("a Xen save file", "crash reads it", h => h.Span.StartsWith("LinuxGuestRecord"u8)),
        new("a VMware suspend or snapshot file (vmss, vmsn)", "crash reads it with the vmem file beside it",
            h => U32(h, 0) is 0xbed0bed0 or 0xbed2bed2 or 0xbed3bed3 or 0xbad1bad1 or 0xbad2bad2),
        new("a Windows crash dump", "WinDbg reads it", h => h.Span.StartsWith("PAGEDUMP"u8) || h.Span.StartsWith("PAGEDU64"u8)),
        new("a QEMU migration or savevm file", "use dump-guest-memory or virsh dump --memory-only",
            h => h.Span.StartsWith("QEVM"u8) || h.Span.StartsWith("LibvirtQemud"u8)),
        new("a LiME memory image", "crash reads it", h => h.Span.StartsWith("EMiL"u8)),
        new("a FreeBSD minidump", "kgdb reads it", h => h.Span.StartsWith("minidump FreeBSD"u8)),
    ];

    public override string Name { get; }

    /// <summary>The program that reads the dump, or how to get a dump in a supported format.</summary>
    public string Advice { get; }

    public override bool Recognizes(ReadOnlySpan<byte> head) => begins(head[..Math.Min(head.Length, 64)].ToArray());

    /// <exception cref="InputException">Always thrown: the format is not supported.</exception>
    public override Dump Open(IReadOnlyList<IByteSource> sources) =>
        throw new InputException(sources[0].Name, "format", 0, $"{Name}: known, but not supported ({Advice})");

    private static ulong? U64(ReadOnlyMemory<byte> head, int at) =>
        head.Length >= at + 8 ? BinaryPrimitives.ReadUInt64LittleEndian(head.Span[at..]) : null;

    private static uint? U32(ReadOnlyMemory<byte> head, int at) =>
        head.Length >= at + 4 ? BinaryPrimitives.ReadUInt32LittleEndian(head.Span[at..]) : null;
}
