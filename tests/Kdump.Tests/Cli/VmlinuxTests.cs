using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>
/// <c>--vmlinux</c> on a real kernel's dump. No vmlinux of it is small enough to be here: a program of our own (fixtures/debuginfo) is
/// made to look like it where that is needed; the lab compares real ones with addr2line.
/// </summary>
public sealed class VmlinuxTests(Kernel.Views.LabMachineTests.Machine machine) : IClassFixture<Kernel.Views.LabMachineTests.Machine>
{
    private static readonly string Program = Repository.Path("fixtures", "debuginfo", "gcc-dwarf5");

    private string Dump => machine.Vmcore.Dump.Name;

    private string DumpsId => machine.Vmcore.Dump.VmcoreInfo!.BuildId!;

    [Fact]
    public void A_vmlinux_of_another_build_is_refused_with_both_build_ids()
    {
        (int code, string output, string error) = Run("bt", "--vmlinux", Program, Dump);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(DumpsId, error, StringComparison.Ordinal);
        Assert.Matches("its build id is [0-9a-f]{40}, the dump's", error);
        Assert.Contains(Program, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_it_is_refused_with_what_was_looked_for()
    {
        (int code, _, string error) = Run("bt", "--vmlinux", Repository.Path("fixtures", "debuginfo"), Dump);
        Assert.Equal(2, code);
        Assert.Contains($"there is no vmlinux of 6.1.0-50-amd64, build id {DumpsId}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_vmlinux_is_refused()
    {
        (int code, _, string error) = Run("print", "-e", "jiffies", "--vmlinux", Repository.Path("README.md"), Dump);
        Assert.Equal(2, code);
        Assert.Contains("not an ELF file", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vmlinux-6.1.0-50-amd64")]
    [InlineData("usr/lib/debug/boot/vmlinux-6.1.0-50-amd64")]
    [InlineData("lib/modules/6.1.0-50-amd64/vmlinux")]
    [InlineData(".build-id/@")]
    [InlineData("%/debuginfo")]
    public void The_file_of_the_same_build_is_found_in_a_folder_and_gives_places(string where)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("kdt-vmlinux");
        try
        {
            string path = Path.Combine(folder.FullName, where.Replace("@", $"{DumpsId[..2]}/{DumpsId[2..]}.debug", StringComparison.Ordinal)
                .Replace("%", DumpsId, StringComparison.Ordinal));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Disguised());
            string start = machine.Vmcore.FindSymbol("_stext")!.Value.ToString();
            (int code, string output, string error) = Run("sym", "--vmlinux", folder.FullName, Dump, start);
            Assert.Equal((0, ""), (code, error));
            Assert.Contains("/src/source.c:42  _start", output, StringComparison.Ordinal);
            // Frames where the file has no code are shown as without it.
            Assert.Equal(Run("bt", Dump).Output, Run("bt", "--vmlinux", folder.FullName, Dump).Output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The program with the dump's build id, and its first function by the name of the kernel's first.</summary>
    private byte[] Disguised()
    {
        byte[] bytes = File.ReadAllBytes(Program);
        int note = bytes.AsSpan().IndexOf("GNU\0"u8), name = bytes.AsSpan().LastIndexOf("_start\0"u8);
        // The first note of the name is the build id's: 20 bytes.
        Assert.True(note > 0 && name > 0 && bytes[note - 8] == 20);
        Convert.FromHexString(DumpsId).CopyTo(bytes, note + 4);
        // The last is in .strtab, where the linker let _start be the end of __bss_start.
        "_stext"u8.CopyTo(bytes.AsSpan(name));
        return bytes;
    }

    private static (int Code, string Output, string Error) Run(params string[] words)
    {
        StringWriter output = new(), error = new();
        int code = Kdt.Run(["vmcore", .. words], output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }
}
