using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Dumps;

public sealed class VerificationTests
{
    private static DiskDumpBuilder Many()
    {
        DiskDumpBuilder builder = new() { MaxMapnr = 20_000 };
        byte[] stored = PageCompression.Compress(PageCompression.Zlib, DiskDumpBuilder.Content(1));
        for (int i = 0; i < 6000; i++)
            builder.Stored(i * 3, (byte[])stored.Clone(), PageCompression.Zlib);
        return builder.Excluded(1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void A_whole_dump_has_no_damage(int threads)
    {
        using Dump dump = DumpBytes.Open(Many().Build());
        long seen = 0;
        VerificationResult result = Verification.Run(dump, threads, n => Interlocked.Exchange(ref seen, Math.Max(seen, n)));
        Assert.Equal(new PageCounts(6000, 1, 13_999, 0), result.Counts);
        Assert.Equal(dump.Count(), result.Counts);
        Assert.Empty(result.Damaged);
        Assert.Equal(6000, seen);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Broken_pages_are_ranges_with_reasons_in_order(int threads)
    {
        DiskDumpBuilder builder = Many();
        builder.Build();
        // The data of pages 100 and 4000 is overwritten, the descriptor of page 200 is empty.
        byte[] file = builder.Patch(builder.Layout.Descriptors + 200 * 24, new byte[24]).Build();
        foreach (int index in (int[])[100, 4000])
            file.AsSpan((int)BitConverter.ToInt64(file, builder.Layout.Descriptors + index * 24), 64).Fill(0xee);
        using Dump dump = DumpBytes.Open(file);
        VerificationResult result = Verification.Run(dump, threads);
        Assert.Equal([300UL, 600UL, 12_000UL], result.Damaged.Select(d => d.First.Value));
        Assert.Equal(5997, result.Counts.Present);
        Assert.Equal(3, result.Counts.Damaged);
        Assert.Contains("zlib", result.Damaged[0].Why.Reason);
        Assert.Equal("page_desc.offset", result.Damaged[1].Why.Field);
    }

    [Fact]
    public void A_cancelled_walk_ends()
    {
        using Dump dump = DumpBytes.Open(Many().Build());
        using CancellationTokenSource cancel = new();
        Assert.Throws<OperationCanceledException>(() => Verification.Run(dump, 2, _ => cancel.Cancel(), cancel.Token));
    }
}
