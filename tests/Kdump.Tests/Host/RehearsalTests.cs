using System.Diagnostics;
using System.Text;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Formats.Archives;
using Kdump.Sources.Rehearsals;

namespace Kdump.Tests.Host;

/// <summary>
/// The parts of a rehearsal that need no QEMU: its tiny programs, its archive, its reading of a console. tests/lab/rehearse has the rest.
/// </summary>
public sealed class RehearsalTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdump-rehearsal-").FullName;

    [LinuxX64Fact]
    public void A_tiny_program_speaks_and_ends_as_it_is_told()
    {
        (int exit, string said) = Run(new TinyProgram().Say("hello\n").Call(60, 7L));
        Assert.Equal((7, "hello\n"), (exit, said));
    }

    [LinuxX64Fact]
    public void A_failed_call_goes_to_its_label_and_a_kept_result_is_an_argument_later()
    {
        string file = Path.Combine(folder, "out");
        (int exit, _) = Run(new TinyProgram()
            .Call(2, "/nowhere/at/all", 0L).IfFailed("absent").Call(60, 1L)
            // open(file, O_WRONLY | O_CREAT, 0600), write(fd, "kept", 4)
            .Label("absent").Call(2, file, 65L, 384L).IfFailed("end").Keep(2).Call(1, TinyProgram.Kept(2), "kept", 4L)
            .Label("end").Call(60, 0L));
        Assert.Equal((0, "kept"), (exit, File.ReadAllText(file)));
    }

    [LinuxX64Fact]
    public void A_child_is_started_with_its_list_of_arguments()
    {
        (int exit, string said) = Run(new TinyProgram()
            .Call(57).IfZero("child").Keep(0).Call(61, TinyProgram.Kept(0), 0L, 0L, 0L).Say("parent\n").Call(60, 0L)
            .Label("child").Call(59, "/bin/echo", new[] { "echo", "a b", "c" }, Array.Empty<string>()).Call(60, 1L));
        Assert.Equal((0, "a b c\nparent\n"), (exit, said));
    }

    [Fact]
    public void Both_programs_of_a_rehearsal_are_whole_elf_files()
    {
        foreach (byte[] program in new[] { RehearsalPrograms.First("console=ttyS0"), RehearsalPrograms.Root() })
        {
            Assert.Equal("\x7f" + "ELF", Encoding.ASCII.GetString(program, 0, 4));
            Assert.Contains(RehearsalPrograms.Mark, Encoding.UTF8.GetString(program));
        }
    }

    [Fact]
    public void The_archive_is_read_back_by_the_reader_of_images()
    {
        string path = Path.Combine(folder, "first.img");
        using (var output = new FileStream(path, FileMode.CreateNew))
        {
            var cpio = new CpioWriter(output);
            cpio.AddFolder("dev");
            cpio.AddDevice("dev/console", 5, 1);
            cpio.AddFile("init", [1, 2, 3]);
            using var stream = new MemoryStream(new byte[5000]);
            cpio.AddFile("vmlinuz", stream);
            cpio.End();
        }
        using BootImage image = BootImage.Open(path);
        Assert.Empty(image.Damages);
        Assert.Equal(3, image.Root.Find("/init")!.Content.Length);
        Assert.True(image.Root.Find("/init")!.IsExecutable);
        Assert.Equal(5000, image.Root.Find("/vmlinuz")!.Content.Length);
        Assert.NotNull(image.Root.Find("/dev/console"));
    }

    [Fact]
    public void The_console_tells_how_far_it_came()
    {
        var stages = new Stages();
        Assert.Equal("nothing", stages.Last);
        Assert.Null(stages.Hear("[    0.0] Command line: console=ttyS0 crashkernel=256M"));
        Assert.NotNull(stages.Hear(RehearsalPrograms.Mark + "loaded"));
        Assert.NotNull(stages.Hear("[    0.0] Command line: elfcorehdr=0x2e000000 irqpoll"));
        Assert.Null(stages.Hear("[    0.0] Kernel command line: elfcorehdr=0x2e000000 irqpoll"));
        Assert.Equal("crash kernel", stages.Last);
        Assert.NotNull(stages.Hear("kdump[511]: saving vmcore complete"));
        Assert.Equal("dump", stages.Last);
        Assert.Null(stages.Hear("kdump[511]: saving vmcore"));
    }

    [Theory]
    [InlineData("image")]
    [InlineData("kernel")]
    public void What_is_not_known_is_asked_for(string what)
    {
        using var form = new HostForm("debian12");
        if (what == "image")
            form.Image.Clear();
        else
            form.Files.Remove("boot/vmlinuz-" + form.Release);
        var error = new StringWriter();
        int exit = Kdt.Run(["host", "rehearse", "--root", form.LayOut()], new StringWriter(), error, () => Stream.Null, Terminal.Plain);
        Assert.Equal(ExitCode.Failed, exit);
        Assert.Contains($"--{what}", error.ToString());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private (int Exit, string Said) Run(TinyProgram program)
    {
        string path = Path.Combine(folder, "program");
        File.WriteAllBytes(path, program.ToElf());
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using Process process = Process.Start(new ProcessStartInfo(path) { RedirectStandardOutput = true })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
