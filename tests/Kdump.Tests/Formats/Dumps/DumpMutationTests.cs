using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Dumps;

/// <summary>
/// Dumps cut, flipped and filled with the numbers that break readers: an <see cref="InputException"/> or damage, nothing else.
/// </summary>
public sealed class DumpMutationTests
{
    private static readonly ulong[] Evil = [0, 1, ulong.MaxValue, 1UL << 31, 1UL << 63, long.MaxValue];

    public static TheoryData<string> Kinds =>
        ["kdump", "kdump32", "kdump-be", "split", "elf", "elf32", "elf-many", "flat-kdump", "flat-elf"];

    private static byte[] Make(string kind)
    {
        byte[] notes = new NotesBuilder().Add("CORE", 1, new byte[336]).VmcoreInfo("OSRELEASE=6.1\nPAGESIZE=4096\n").ToArray();
        DiskDumpBuilder kdump = new()
        {
            Is64 = kind != "kdump32", BigEndian = kind == "kdump-be", Machine = kind == "kdump32" ? "i686" : "x86_64",
                Notes = kind == "kdump-be" ? [] : notes,
            Split = kind == "split" ? (0, 60) : null, BlockSize = 1024, MaxMapnr = 300,
        };
        foreach (uint pfn in (uint[])[0, 1, 2, 50, 70, 299])
            kdump.Page(pfn, (uint[])[0, 1, 2, 4, 0x20, 1] is var kinds ? kinds[pfn % 6] : 0);
        ElfBuilder elf = new() { Is64 = kind != "elf32", ExtendedCount = kind == "elf-many", Notes = notes };
        elf.Load(0x1000, DiskDumpBuilder.Content(1), memorySize: 0x3000).Load(0x1800, DiskDumpBuilder.Content(2))
            .Load(0x100000, DiskDumpBuilder.Content(3));
        return kind switch
        {
            "elf" or "elf32" or "elf-many" => elf.Build(),
            "flat-elf" => FlattenedBuilder.Of(elf.Build(), 1500),
            "flat-kdump" => FlattenedBuilder.Of(kdump.Build(), 1500),
            _ => kdump.Build(),
        };
    }

    private static void Try(byte[] file)
    {
        try
        {
            using Dump dump = DumpBytes.Open(file);
            DumpBytes.Exercise(dump);
        }
        catch (InputException)
        {
            // The one answer besides reading it.
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_dump_cut_anywhere_is_read_or_refused(string kind)
    {
        byte[] file = Make(kind);
        for (int length = 0; length < file.Length; length += length < 470 ? 7 : 61)
            Try(file[..length]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_header_field_may_lie(string kind)
    {
        byte[] file = Make(kind);
        // Headers of all formats lie in these bytes; a flattened file has its records' headers in between.
        (int From, int To)[] areas = [(0, 32), (400, 500), (1024, 1160), (4096, 4250), (4500, 4600)];
        foreach ((int from, int to) in areas)
        {
            for (int at = from; at < Math.Min(to, file.Length - 8); at += 4)
            {
                foreach (ulong value in Evil)
                {
                    byte[] broken = (byte[])file.Clone();
                    BitConverter.GetBytes(unchecked((uint)value)).CopyTo(broken, at);
                    Try(broken);
                    BitConverter.GetBytes(value).CopyTo(broken, at);
                    Try(broken);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Random_damage_is_read_or_refused(string kind)
    {
        byte[] file = Make(kind);
        Random random = new(20260101);
        for (int i = 0; i < 600; i++)
        {
            byte[] broken = (byte[])file.Clone();
            for (int flips = random.Next(1, 12); flips > 0; flips--)
                broken[random.Next(2) == 0 ? random.Next(broken.Length) : random.Next(Math.Min(broken.Length, 2048))] =
                    (byte)random.Next(256);
            Try(broken);
        }
    }

    [Fact]
    public void A_dump_that_gets_shorter_while_it_is_read_costs_its_pages()
    {
        DiskDumpBuilder builder = new DiskDumpBuilder().Page(1).Page(2, PageCompression.Zlib);
        byte[] file = builder.Build();
        ShrinkingSource source = new(file);
        using Dump dump = DumpFormats.Open([source]);
        source.End = builder.Layout.Pages + 100;
        Assert.Equal(PageState.Damaged, dump.TryPage(1));
        Assert.Equal(PageState.Damaged, dump.TryPage(2));
    }

    private sealed class ShrinkingSource(byte[] bytes) : IByteSource
    {
        public int End { get; set; } = bytes.Length;

        public string Name => "vmcore";

        public long Length => bytes.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            int count = (int)Math.Clamp(End - offset, 0, buffer.Length);
            bytes.AsSpan((int)Math.Min(offset, End), count).CopyTo(buffer);
            return count;
        }

        public void Dispose()
        {
        }
    }
}
