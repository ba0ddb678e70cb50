using System.Text;
using Kdump.Sources.Gather;

namespace Kdump.Tests.Gather;

public sealed class BoundedProgramTests
{
    [Fact]
    public void One_that_never_ends_is_given_up()
    {
        ProgramResult result = BoundedProgram.Run("/bin/sleep", ["600"], TimeSpan.FromMilliseconds(300), 4096);
        Assert.Null(result.Exit);
        Assert.Contains("no answer within", result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_an_endless_output_the_front_is_kept()
    {
        ProgramResult result = BoundedProgram.Run("/bin/sh", ["-c", "head -c 300000 /dev/zero"], TimeSpan.FromSeconds(60), 4096);
        Assert.Equal(4096, result.Output.Length);
        Assert.Equal("only the first 4 kB were kept", result.Failure);
    }

    [Fact]
    public void One_that_fails_says_why()
    {
        ProgramResult result = BoundedProgram.Run("/bin/sh", ["-c", "echo no permission >&2; exit 3"], TimeSpan.FromSeconds(60), 4096);
        Assert.Equal(3, result.Exit);
        Assert.Equal("no permission", result.Failure);
    }

    [Fact]
    public void It_gets_no_input_to_wait_for_and_speaks_plain_english()
    {
        ProgramResult result = BoundedProgram.Run("/bin/sh", ["-c", "cat; echo $LC_ALL"], TimeSpan.FromSeconds(60), 4096);
        Assert.Equal("C\n", Encoding.UTF8.GetString(result.Output));
    }
}
