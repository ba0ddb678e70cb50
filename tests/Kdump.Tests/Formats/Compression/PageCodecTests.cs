using Kdump.Formats.Compression;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Formats.Compression;

public class PageCodecTests
{
    public static TheoryData<string> Names => [.. PageCodecs.All.Select(c => c.Name)];

    private static PageCodec Codec(string name) => PageCodecs.All.Single(c => c.Name == name);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_comes_back(string name)
    {
        byte[] page = DiskDumpBuilder.Content(3), to = new byte[4096];
        Assert.Null(Codec(name).Decode(PageCompression.Compress(Codec(name).Flag, page), to, out int written));
        Assert.Equal(4096, written);
        Assert.Equal(page, to);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Cut_data_is_refused_at_every_length(string name)
    {
        byte[] stored = PageCompression.Compress(Codec(name).Flag, DiskDumpBuilder.Content(3)), to = new byte[4096];
        for (int length = 0; length < stored.Length; length++)
            Assert.True(Codec(name).Decode(stored.AsSpan(0, length), to, out int written) is not null || written < 4096,
                $"{length} of {stored.Length}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Data_larger_than_a_page_never_writes_past_it(string name)
    {
        // 1 MiB of zeros in a few bytes, into a page inside a larger buffer.
        byte[] bomb = PageCompression.Compress(Codec(name).Flag, new byte[1 << 20]), guarded = new byte[4096 + 64];
        guarded.AsSpan().Fill(0xAA);
        string? why = Codec(name).Decode(bomb, guarded.AsSpan(0, 4096), out int written);
        Assert.NotNull(why);
        Assert.InRange(written, 0, 4096);
        Assert.DoesNotContain(guarded[4096..], b => b != 0xAA);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Noise_is_refused_or_bounded(string name)
    {
        Random random = new(11);
        byte[] noise = new byte[700], guarded = new byte[4096 + 64];
        for (int i = 0; i < 3000; i++)
        {
            random.NextBytes(noise);
            guarded.AsSpan(4096).Fill(0xAA);
            string? why = Codec(name).Decode(noise.AsSpan(0, random.Next(noise.Length)), guarded.AsSpan(0, 4096), out int written);
            Assert.InRange(written, 0, 4096);
            Assert.True(why is null || why.Length > 0);
            Assert.DoesNotContain(guarded[4096..], b => b != 0xAA);
        }
    }

    [Fact]
    public void A_snappy_block_that_claims_4_GiB_is_refused() =>
        Assert.Contains("larger than 4096", Codec("snappy").Decode([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0], new byte[4096], out _));

    [Fact]
    public void A_zstd_frame_with_the_largest_window_and_content_is_refused()
    {
        // Frame header: 8-byte content size, window descriptor for 2 TiB (exponent 31).
        byte[] frame = [0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x01, 0x00, 0x00];
        Assert.NotNull(Codec("zstd").Decode(frame, new byte[4096], out _));
    }

    [Fact]
    public void An_lzo_block_that_looks_back_before_its_start_is_refused() =>
        Assert.Contains("looks back", Codec("lzo").Decode([0x12, 0x41, 0x20, 0x7f, 0xff, 0xff, 0x11, 0, 0], new byte[4096], out _));

    [Fact]
    public void Both_zlib_decoders_agree()
    {
        byte[] page = DiskDumpBuilder.Content(9), a = new byte[4096], b = new byte[4096];
        byte[] stored = PageCompression.Compress(PageCompression.Zlib, page);
        Assert.Null(Codec("zlib").Decode(stored, a, out int n));
        Assert.Null(Zlib.DecodeWithZlib(stored, b, out int m));
        Assert.Equal((4096, 4096), (n, m));
        Assert.Equal(page, a);
        Assert.Equal(page, b);
        stored[^1] ^= 1;
        Assert.Contains("data error", Zlib.DecodeWithZlib(stored, b, out _));
        Assert.NotNull(Codec("zlib").Decode(stored, a, out _));
    }

    [Fact]
    public void Flags_name_one_compression_or_none()
    {
        Assert.Null(PageCodecs.Of(0));
        Assert.Null(PageCodecs.Of(3));
        Assert.Equal("zstd", PageCodecs.Of(0x20)?.Name);
        Assert.Equal("zlib", PageCodecs.Of(1 | 0x1000)?.Name);
    }
}

/// <summary>The same where no library of the system is installed.</summary>
public sealed class PageCodecWithoutLibrariesTests : PageCodecTests, IDisposable
{
    private readonly IDisposable hidden = SystemLibrary.Hide();

    public void Dispose() => hidden.Dispose();
}
