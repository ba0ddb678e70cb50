using System.Text;
using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>kdt of linux-arm64 under an emulator says what kdt says here.</summary>
public sealed class Arm64ProgramTests
{
    private static readonly string Program = Repository.Path("out", "linux-arm64", "kdt");

    [Arm64Theory]
    [InlineData("explain", "fixtures/cases/vector-exhaustion")]
    [InlineData("log", "fixtures/cases/vector-exhaustion", "--json")]
    [InlineData("explain", "fixtures/field/crash", "--json")]
    public void It_says_what_the_program_of_this_machine_says(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = Repository.Root;
        int code = Kdt.Run(args, output, TextWriter.Null, () => Stream.Null, Terminal.Plain);
        Environment.CurrentDirectory = before;
        string there = Encoding.UTF8.GetString(Tool.Run(
            $"qemu-aarch64-static -L /usr/aarch64-linux-gnu {Program} {string.Join(' ', args)} 2> /dev/null; echo $?", Repository.Root));
        Assert.Equal(output + code.ToString(System.Globalization.CultureInfo.InvariantCulture) + "\n", there);
    }

    /// <summary>Skipped where there is no such program, or nothing to run it.</summary>
    private sealed class Arm64TheoryAttribute : TheoryAttribute
    {
        public Arm64TheoryAttribute() => Skip = !File.Exists(Program) ? "needs out/linux-arm64/kdt: make publish RID=linux-arm64"
            : Tool.Find("qemu-aarch64-static") is null ? "needs qemu-aarch64-static (qemu-user-static)"
            : !Directory.Exists("/usr/aarch64-linux-gnu") ? "needs /usr/aarch64-linux-gnu (libc6-arm64-cross)" : null!;
    }
}
