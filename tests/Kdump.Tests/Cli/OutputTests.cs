using System.IO.Pipes;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>What becomes of output that nobody takes.</summary>
public sealed class OutputTests
{
    [Fact]
    public void A_reader_that_went_away_ends_the_program_quietly_as_SIGPIPE_would()
    {
        (int code, string error) = Run(new OutputException("Broken pipe", readerLeft: true));
        Assert.Equal((141, ""), (code, error));
    }

    [Fact]
    public void A_full_disk_is_told()
    {
        (int code, string error) = Run(new OutputException("No space left on device", readerLeft: false));
        Assert.Equal((2, "kdt: output: no space left on the device: make room there\n"), (code, error));
    }

    [Fact]
    public void A_broken_pipe_is_known_as_one()
    {
        AnonymousPipeServerStream pipe = new(PipeDirection.In);
        int writer = int.Parse(pipe.GetClientHandleAsString(), System.Globalization.CultureInfo.InvariantCulture);
        using DescriptorStream stream = new(writer);
        stream.Write("there is no problem"u8);
        byte[] read = new byte["there is no problem"u8.Length];
        pipe.ReadExactly(read);
        Assert.Equal("there is no problem"u8, read);
        // Closes the reading end only.
        pipe.SafePipeHandle.Dispose();
        OutputException? left = null;
        // Another test may start a program just now: until that has its own descriptors, it holds the reading end, too.
        for (int i = 0; left is null && i < 500; i++)
        {
            left = Record.Exception(() => stream.Write("nobody"u8)) as OutputException;
            Thread.Sleep(left is null ? 10 : 0);
        }
        Assert.True(left?.ReaderLeft);
        pipe.Dispose();
    }

    [Fact]
    public void Several_programs_share_one_file_in_turn()
    {
        string path = Path.GetTempFileName();
        using (FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite))
        {
            int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
            new DescriptorStream(descriptor).Write("one "u8);
            new DescriptorStream(descriptor).Write("two"u8);
        }
        Assert.Equal("one two", File.ReadAllText(path));
        File.Delete(path);
    }

    private static (int Code, string Error) Run(OutputException fails)
    {
        StringWriter error = new();
        return (Kdt.Run(["completion", "bash"], new Failing(fails), error, () => Stream.Null, Terminal.Plain), error.ToString());
    }

    private sealed class Failing(OutputException exception) : StringWriter
    {
        public override void Flush() => throw exception;
    }
}
