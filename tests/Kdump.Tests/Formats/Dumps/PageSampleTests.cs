using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Formats.Dumps;

public sealed class PageSampleTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-sample-").FullName;

    [Fact]
    public void Every_page_of_a_whole_dump_can_be_had()
    {
        using Dump dump = DumpFormats.Open([Write(Whole())]);
        PageSample sample = PageSample.Of(dump);
        Assert.True(sample.Looked > 30);
        Assert.Equal(0, sample.Unreadable);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(95)]
    [InlineData(60)]
    [InlineData(30)]
    [InlineData(10)]
    public void A_dump_that_was_cut_is_no_whole_one_for_explain(int percent)
    {
        byte[] whole = Whole();
        Assert.Contains("vmcore-incomplete", Explain(whole[..(whole.Length * percent / 100)]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dump_whose_packed_end_is_zeros_is_no_whole_one()
    {
        byte[] whole = Whole(PageCompression.Zlib);
        whole.AsSpan(whole.Length * 3 / 4).Clear();
        Assert.Contains("vmcore-incomplete", Explain(whole), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static byte[] Whole(uint compression = PageCompression.Raw)
    {
        var builder = new DiskDumpBuilder { MaxMapnr = 400 };
        for (long pfn = 3; pfn < 400; pfn += 7)
            builder.Page(pfn, compression);
        return builder.Build();
    }

    private string Explain(byte[] dump) => Run.Kdt("explain", Write(dump)).Output;

    private string Write(byte[] dump)
    {
        string path = Path.Combine(folder, "vmcore");
        File.WriteAllBytes(path, dump);
        return path;
    }
}
