using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Host;

/// <summary>A tree in which nothing was there to be judged gets no all-clear.</summary>
public sealed class HostNothingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-host-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("check", "sys")]
    [InlineData("check", "etc")]
    [InlineData("memory", "sys")]
    [InlineData("memory", "usr/share")]
    public void A_tree_that_tells_of_no_kernel_is_not_judged(string command, string inside)
    {
        Directory.CreateDirectory(Path.Combine(folder, inside));
        (int code, string output, string error) = Run.Kdt("host", command, "--root", folder);
        Assert.Equal(2, code);
        Assert.DoesNotContain("othing wrong", output, StringComparison.Ordinal);
        Assert.Contains("could not be judged", error, StringComparison.Ordinal);
    }
}
