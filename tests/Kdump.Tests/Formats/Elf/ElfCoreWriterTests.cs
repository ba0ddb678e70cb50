using Kdump.Formats.Elf;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Elf;

public sealed class ElfCoreWriterTests
{
    [Fact]
    public void Pages_in_a_row_are_one_segment_and_a_hole_is_one_without_contents()
    {
        MemoryStream stream = new();
        ElfCoreWriter core = new(stream, 62);
        byte[] page = new byte[4096];
        page.AsSpan().Fill(0xAB);
        core.Write(0x1000, page, 5, first: true);
        core.Write(0x2000, page, 5, first: false);
        core.Hole(0x3000, 0x2000, 5, first: false);
        core.Zero(0x5000, 0x1000, 5, first: false);
        core.Write(0x6000, page, 6, first: true);
        core.Finish(new byte[20]);
        ElfFile file = Read(stream);
        Assert.Equal(ElfHeader.Core, file.Header.Type);
        ElfSegment[] loads = [.. file.Segments.Where(s => s.Type == ElfSegment.Load)];
        Assert.Equal([(0x1000UL, 0x2000UL, 0x2000UL), (0x3000UL, 0UL, 0x2000UL), (0x5000UL, 0x1000UL, 0x1000UL),
            (0x6000UL, 0x1000UL, 0x1000UL)],
            loads.Select(s => ((ulong)s.VirtualAddress, (ulong)s.FileSize, (ulong)s.MemorySize)));
        Assert.Equal(0xAB, stream.GetBuffer()[(int)loads[0].Offset + 0x1FFF]);
        Assert.Equal(0, stream.GetBuffer()[(int)loads[2].Offset + 0x800]);
        Assert.Single(file.Segments, s => s.Type == ElfSegment.Note);
    }

    [Fact]
    public void Areas_that_touch_stay_apart()
    {
        MemoryStream stream = new();
        ElfCoreWriter core = new(stream, 62);
        core.Zero(0x1000, 0x1000, 4, first: true);
        core.Zero(0x2000, 0x1000, 4, first: true);
        core.Finish([]);
        Assert.Equal(2, Read(stream).Segments.Count(s => s.Type == ElfSegment.Load));
    }

    [Fact]
    public void More_than_65534_segments_are_counted_in_section_0()
    {
        MemoryStream stream = new();
        ElfCoreWriter core = new(stream, 62);
        for (int i = 0; i < 70_000; i++)
            core.Hole(0x10000UL * (ulong)(i + 1), 0x1000, 4, first: true);
        core.Finish([]);
        Assert.Equal(70_001, Read(stream).Segments.Count);
    }

    private static ElfFile Read(MemoryStream stream) => ElfFile.Read(new MemorySource(stream.ToArray(), "core"));
}
