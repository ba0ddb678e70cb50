using System.Text;
using Kdump.Formats.Compression;

namespace Kdump.Tests.Formats.Compression;

/// <summary>
/// What other people's tools pack comes back whole, with the system's libraries and without them; what is damaged is never taken for whole,
/// and what stands before the damage is given.
/// </summary>
public sealed class StreamDecoderTests
{
    private static readonly byte[] Sample = Text(600_000);

    /// <summary>Tools and their options; each form of a stream that a distribution or a user makes.</summary>
    public static TheoryData<string, string> Packers => new()
    {
        { "gzip", "gzip -1" }, { "gzip", "gzip -9" }, { "bzip2", "bzip2 -1" }, { "bzip2", "bzip2 -9" },
        { "lzma", "xz --format=lzma" }, { "lzma", "xz --format=lzma -9e" },
        { "xz", "xz -6" }, { "xz", "xz --check=crc32 --x86 --lzma2=preset=9" }, { "xz", "xz --check=sha256" }, { "xz", "xz --check=none" },
        { "xz", "xz --block-size=65536" }, { "xz", "xz -T2 --block-size=100000" }, { "xz", "xz -0 --lzma2=preset=0,lc=4,pb=0" },
        { "lzo", "lzop -1" }, { "lzo", "lzop -9" }, { "lz4", "lz4 -l -9" }, { "lz4 frame", "lz4 -1 -B4" },
        { "lz4 frame", "lz4 -9 -B4 -BD" }, { "lz4 frame", "lz4 -B7 -BX" }, { "lz4 frame", "lz4 --no-frame-crc" },
        { "zstd", "zstd -1" }, { "zstd", "zstd -19 --long=27" }, { "zstd", "zstd -3 --no-check" }, { "zstd", "zstd -T2 -B65536" },
    };

    [ToolTheory("gzip", "bzip2", "xz", "lzop", "lz4", "zstd")]
    [MemberData(nameof(Packers))]
    public void A_stream_comes_back_and_its_end_is_known(string codec, string command)
    {
        byte[] packed = Tool.Run($"{command} -c", ".", Sample), tail = Encoding.ASCII.GetBytes("TRAILER!!!");
        foreach (bool hidden in new[] { false, true })
        {
            (byte[] unpacked, long used, string? why) = Unpack(codec, [.. packed, .. tail], hidden);
            Assert.True(why is null, $"{why}, hidden: {hidden}");
            Assert.True(Sample.AsSpan().SequenceEqual(unpacked), $"hidden: {hidden}, {unpacked.Length} bytes");
            Assert.Equal(packed.Length, used);
        }
    }

    [ToolTheory("gzip", "bzip2", "xz", "lzop", "lz4", "zstd")]
    [MemberData(nameof(Packers))]
    public void An_empty_file_comes_back_empty(string codec, string command)
    {
        byte[] packed = Tool.Run($"{command} -c", ".", []);
        foreach (bool hidden in new[] { false, true })
            Assert.Equal((0, null), Length(Unpack(codec, packed, hidden)));
    }

    [ToolTheory("gzip", "bzip2", "xz", "lzop", "lz4", "zstd")]
    [MemberData(nameof(Packers))]
    public void A_cut_stream_is_told_to_be_cut_and_gives_what_stands_before(string codec, string command)
    {
        byte[] packed = Tool.Run($"{command} -c", ".", Sample);
        foreach (int length in new[] { packed.Length - 1, packed.Length * 3 / 4, packed.Length / 2, packed.Length / 10, 20 })
        {
            foreach (bool hidden in new[] { false, true })
            {
                (byte[] unpacked, _, string? why) = Unpack(codec, packed[..length], hidden);
                // Legacy LZ4 has no end: a cut behind the last chunk cannot be seen.
                if (codec != "lz4")
                    Assert.Equal("cut", why);
                Assert.True(Sample.AsSpan().StartsWith(unpacked), $"{length}, hidden: {hidden}");
            }
        }
    }

    [ToolTheory("gzip", "bzip2", "xz", "lzop", "lz4", "zstd")]
    [MemberData(nameof(Packers))]
    public void A_flipped_bit_never_gives_other_bytes_without_a_word(string codec, string command)
    {
        byte[] sample = Sample[..60_000], packed = Tool.Run($"{command} -c", ".", sample);
        bool checkedByFormat = !command.Contains("none", StringComparison.Ordinal) && !command.Contains("no-", StringComparison.Ordinal)
            && codec is not ("lzma" or "lz4" or "lzo");
        var random = new Random(5);
        for (int i = 0; i < 150; i++)
        {
            byte[] damaged = [.. packed];
            damaged[random.Next(4, damaged.Length)] ^= (byte)(1 << random.Next(8));
            (byte[] unpacked, _, string? why) = Unpack(codec, damaged, hidden: true);
            if (why is null && checkedByFormat)
                Assert.True(sample.AsSpan().SequenceEqual(unpacked));
        }
    }

    [ToolFact("zstd", "bzip2")]
    public void The_blocks_before_a_damaged_one_are_given()
    {
        // Two thirds into a stream of many blocks: all whole blocks before it are there.
        foreach ((string codec, string command, int block) in new[] { ("zstd", "zstd -3", 128 << 10), ("bzip2", "bzip2 -1", 100_000) })
        {
            byte[] packed = Tool.Run($"{command} -c", ".", Sample);
            packed.AsSpan(packed.Length * 2 / 3, 40).Fill(0xff);
            foreach (bool hidden in new[] { false, true })
            {
                (byte[] unpacked, _, string? why) = Unpack(codec, packed, hidden, piece: 1 << 20);
                Assert.NotNull(why);
                // The damaged block itself may decode to anything: zstd's checksum stands at the end.
                int right = Sample.AsSpan().CommonPrefixLength(unpacked);
                Assert.True(right >= Sample.Length * 2 / 3 - 2 * block, $"{codec}, hidden: {hidden}: {right}");
            }
        }
    }

    [Fact]
    public void A_missing_library_is_hidden_on_one_thread_only()
    {
        bool here = SystemLibrary.Has(ZlibDecoder.Library);
        using (SystemLibrary.Hide())
            Assert.False(SystemLibrary.Has(ZlibDecoder.Library));
        Assert.Equal(here, SystemLibrary.Has(ZlibDecoder.Library));
    }

    [Fact]
    public void The_checksum_of_LZ4_frames_is_that_of_its_specification()
    {
        // xxhsum -H0 of the empty text and of "Nobody inspects the spammish repetition".
        Assert.Equal(0x02CC5D05u, Hash(""));
        Assert.Equal(0xE2293B2Fu, Hash("Nobody inspects the spammish repetition"));
    }

    private static uint Hash(string text)
    {
        var hash = new XxHash32();
        foreach (byte b in Encoding.ASCII.GetBytes(text))
            hash.Add([b]);
        return hash.Value();
    }

    private static (int, string?) Length((byte[] Bytes, long, string? Why) result) => (result.Bytes.Length, result.Why);

    private static (byte[] Bytes, long Used, string? Why) Unpack(string codec, byte[] packed, bool hidden, int piece = 7000)
    {
        using IDisposable? none = hidden ? SystemLibrary.Hide() : null;
        using StreamDecoder decoder = Array.Find(StreamCodecs.All, c => c.Name == codec)!.Open();
        var from = new MemoryStream(packed);
        var input = new PackedInput(from.Read, new byte[5000]);
        var all = new MemoryStream();
        var buffer = new byte[piece];
        try
        {
            while (decoder.Read(input, buffer) is > 0 and var n)
                all.Write(buffer, 0, n);
            return (all.ToArray(), input.Used, null);
        }
        catch (StreamBrokenException e)
        {
            return (all.ToArray(), input.Used, e.Cut ? "cut" : e.Message);
        }
    }

    private static byte[] Text(int length)
    {
        var random = new Random(3);
        var text = new StringBuilder();
        for (int i = 0; text.Length < length; i++)
        {
            text.Append($"[{i,5}.{random.Next(1000000):d6}] pcieport 0000:{random.Next(256):x2}:00.0: AER: Corrected error ")
                .Append(random.Next()).Append('\n');
        }
        // Calls of x86, for the filters.
        byte[] bytes = Encoding.ASCII.GetBytes(text.ToString());
        for (int i = 0; i < 200; i++)
            bytes[random.Next(bytes.Length)] = 0xe8;
        return bytes[..length];
    }
}
