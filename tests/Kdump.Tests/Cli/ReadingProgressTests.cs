using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Sources.Inputs;

namespace Kdump.Tests.Cli;

/// <summary>What is shown while a large input is read.</summary>
public sealed class ReadingProgressTests
{
    [Theory]
    [InlineData(84L << 20, 150L << 20, 2000, "reading: 84 MB of 150 MB, 42 MB/s, 2 s left")]
    [InlineData(3L << 20, 0, 1500, "reading: 3.0 MB, 2.0 MB/s")]
    [InlineData(150L << 20, 150L << 20, 3000, "reading: 150 MB, 50 MB/s")]
    [InlineData(4096, 1L << 40, 5000, null)]
    public void The_line_has_bytes_rate_and_time_left_as_far_as_they_are_known(long read, long expected, long time, string? line) =>
        Assert.Equal(line, ReadingProgress.Line(read, expected, time));

    [Fact]
    public void Reads_of_an_input_are_counted_and_its_content_is_the_same()
    {
        string file = Path.GetTempFileName();
        try
        {
            byte[] content = new byte[3 << 20];
            new Random(1).NextBytes(content);
            "text\n"u8.CopyTo(content);
            File.WriteAllBytes(file, content);
            long before = BytesRead.Done, expected = BytesRead.Expected;
            using var copy = new MemoryStream();
            using (OpenInput input = OpenInput.Open(file, () => Stream.Null))
                input.Content.CopyTo(copy);
            Assert.Equal(content, copy.ToArray());
            // Other tests read at the same time.
            Assert.True(BytesRead.Done - before >= content.Length);
            Assert.True(BytesRead.Expected - expected >= content.Length);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Nothing_is_printed_where_standard_error_is_no_terminal()
    {
        var error = new StringWriter();
        using (new ReadingProgress(new Context(TextWriter.Null, error, () => Stream.Null, Terminal.Plain)))
        {
        }
        Assert.Equal("", error.ToString());
    }
}
