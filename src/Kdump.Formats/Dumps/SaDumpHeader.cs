using System.Buffers.Binary;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dumps;

/// <summary>
/// The headers of one sadump medium: the dump partition of Fujitsu's PRIMEQUEST and PRIMERGY firmware, one disk of a set of them, or a
/// copy of one in a file. All numbers are little endian. Order: partition header, disk set header (only on the first disk of a set), dump
/// header, sub header with the registers, two bitmaps, pages. Layout: makedumpfile's sadump_mod.h and sadump_info.c.
/// </summary>
internal sealed class SaDumpHeader
{
    /// <summary>
    /// Offsets in the partition header, in bytes: signature "sadump\0\0", ids of system, set and volume, time, number of the disk, bytes
    /// used.
    /// </summary>
    private const int SystemId = 88, SetId = 104, VolumeId = 120, Id = 16, Time = 136, DiskNumber = 152, Used = 160, Numbers = 168,
        NumberCount = 982;

    /// <summary>Offsets in the dump header, in bytes.</summary>
    private const int Version = 8, DumpTime = 16, BlockSizeAt = 40, SubBlocks = 48, RamBlocks = 52, DumpableBlocks = 56, MaxMapnr = 60,
        CpuCount = 80, MaxMapnr64 = 88;

    /// <summary>
    /// Offsets in the disk set header, in bytes: its size in blocks, the number of disks, and one record for each disk after the first:
    /// 32 bytes that begin with the disk's id.
    /// </summary>
    private const int SetDisks = 4, SetVolumes = 16, VolumeBytes = 32;

    private const int DefaultBlock = 4096, MaxBlock = 1 << 20, MaxSetBlocks = 64;

    private readonly byte[] partition;
    private readonly byte[] set = [];

    private SaDumpHeader(IByteSource source, int block, long at, ICollection<Damage> damages)
    {
        Source = source;
        BlockSize = block;
        partition = Read(at, block, "partition header");
        Disk = (int)Math.Min(U32(partition, DiskNumber), 1 + MaxDisks);
        for (int i = 1; i < NumberCount; i++)
        {
            if (U32(partition, Numbers + 4 * i) == unchecked((U32(partition, Numbers + 4 * i - 4) + 7) * 11))
                continue;
            damages.Add(new Damage(source.Name, "magicnum", at + Numbers + 4 * i, "not the number that follows from the one before it"));
            break;
        }
        at += block;
        if (Disk > 1)
            return;
        if (Disk == 1)
        {
            uint blocks = U32(Read(at, 4, "disk set header"), 0);
            if (blocks is 0 or > MaxSetBlocks)
                throw new InputException(source.Name, "disk_set_header_size", at, $"{blocks} blocks; 1 to {MaxSetBlocks} are possible");
            set = Read(at, (int)blocks * block, "disk set header");
            at += set.Length;
        }
        Dump = Read(at, block, "dump header");
        if (!Dump.AsSpan().StartsWith("sadump\0\0"u8))
            throw new InputException(source.Name, "signature", at, "no dump header behind the partition header: no dump was written here");
        SubHeader = at + block;
    }

    /// <summary>Maximum number of disks in a set (DUMP_DEVICE_MAX).</summary>
    public const int MaxDisks = 16;

    public IByteSource Source { get; }

    public int BlockSize { get; }

    /// <summary>Number of this disk in its set, from 1; 0 for a dump on one partition.</summary>
    public int Disk { get; }

    /// <summary>The dump header; empty on the second and later disks of a set.</summary>
    public byte[] Dump { get; } = [];

    /// <summary>Offset of the sub header in bytes.</summary>
    public long SubHeader { get; }

    /// <summary>Bytes used on the whole medium; meaningless for a partition that is not part of a set.</summary>
    public ulong UsedBytes => U64(partition, Used);

    /// <summary>Number of disks in the set, from the disk set header.</summary>
    public int Disks => set.Length == 0 ? 1 : (int)Math.Min(U32(set, SetDisks), MaxDisks);

    public long SubBytes => (long)U32(Dump, SubBlocks) * BlockSize;

    public long RamBytes => (long)U32(Dump, RamBlocks) * BlockSize;

    public long DumpableBytes => (long)U32(Dump, DumpableBlocks) * BlockSize;

    /// <summary>One past the highest page frame number; a 64-bit field since version 1.</summary>
    public ulong Frames => U32(Dump, Version) == 0 ? U32(Dump, MaxMapnr) : U64(Dump, MaxMapnr64);

    public int Cpus => (int)Math.Min(U32(Dump, CpuCount), 1 << 20);

    /// <summary>Time of the dump in seconds since 1970, from an EFI_TIME; null if its fields are invalid.</summary>
    public long? Timestamp
    {
        get
        {
            ReadOnlySpan<byte> t = Dump.AsSpan(DumpTime);
            int year = BinaryPrimitives.ReadUInt16LittleEndian(t), zone = BinaryPrimitives.ReadInt16LittleEndian(t[12..]);
            if (year is < 1998 or > 9998 || t[2] is < 1 or > 12 || t[3] < 1 || t[3] > DateTime.DaysInMonth(year, t[2]) || t[4] > 23 ||
                t[5] > 59 || t[6] > 59)
                return null;
            // In minutes, with local time = UTC - zone; 2047 means unspecified.
            int minutes = zone is >= -1440 and <= 1440 ? zone : 0;
            return new DateTimeOffset(year, t[2], t[3], t[4], t[5], t[6], TimeSpan.Zero).AddMinutes(minutes).ToUnixTimeSeconds();
        }
    }

    /// <summary>
    /// True if a sadump medium begins with these bytes: with a partition header, or (a copy in a file) with a media header, which has no
    /// signature, followed by a partition header.
    /// </summary>
    public static bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith("sadump\0\0"u8) ||
        (head.Length > DefaultBlock && head[DefaultBlock..].StartsWith("sadump\0\0"u8));

    /// <exception cref="InputException">The partition header or the dump header is missing or cannot be read.</exception>
    public static SaDumpHeader Read(IByteSource source, ICollection<Damage> damages)
    {
        Span<byte> head = stackalloc byte[8];
        bool copy = source.Read(0, head) != head.Length || !Recognizes(head);
        var header = new SaDumpHeader(source, DefaultBlock, copy ? DefaultBlock : 0, damages);
        if (header.Dump.Length == 0)
            return header;
        uint block = U32(header.Dump, BlockSizeAt);
        if (block == DefaultBlock)
            return header;
        if (block is < DefaultBlock or > MaxBlock || !int.IsPow2((int)block))
            throw new InputException(source.Name, "block_size", header.SubHeader - DefaultBlock + BlockSizeAt,
                $"{block} is no size of a block");
        return new SaDumpHeader(source, (int)block, copy ? block : 0, damages);
    }

    /// <summary>The reason why this disk does not belong to the set that <paramref name="first"/> describes; null if it does.</summary>
    public string? WhyNotOf(SaDumpHeader first)
    {
        foreach ((int at, string what) in new[]
            { (SystemId, "another system's id"), (SetId, "another disk set's id"), (Time, "another time") })
        {
            if (!partition.AsSpan(at, Id).SequenceEqual(first.partition.AsSpan(at, Id)))
                return what;
        }
        return Disk < 2 || SetVolumes + (Disk - 1) * VolumeBytes > first.set.Length ||
            !partition.AsSpan(VolumeId, Id).SequenceEqual(first.set.AsSpan(SetVolumes + (Disk - 2) * VolumeBytes, Id))
            ? $"another volume's id (disk {Disk})" : null;
    }

    private byte[] Read(long at, int length, string field)
    {
        byte[] bytes = new byte[length];
        if (Source.Read(at, bytes) != length)
            throw new InputException(Source.Name, field, at, $"the file ends before its {length} bytes");
        return bytes;
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
