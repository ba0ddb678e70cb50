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

    [LinuxX64Fact]
    public void A_program_hands_its_arguments_and_environment_on_under_another_name()
    {
        (int exit, string said) = Run(new TinyProgram().KeepArguments(2, 3, "sh")
            .Call(59, "/bin/sh", TinyProgram.Kept(2), TinyProgram.Kept(3)).Call(60, 1L), "-c", "echo $0 $1 $KDT_GIVEN; exit 3", "name",
                "word");
        Assert.Equal((3, "name word here\n"), (exit, said));
    }

    [LinuxX64Fact]
    public void What_is_read_into_the_buffer_is_an_argument_later()
    {
        string file = Path.Combine(folder, "in");
        File.WriteAllText(file, "some text");
        (int exit, string said) = Run(new TinyProgram().Call(2, file, 0L).IfFailed("end").Keep(0)
            .Call(17, TinyProgram.Kept(0), TinyProgram.Buffer, 100L, 0L).Keep(1).Call(1, 1L, TinyProgram.Buffer, TinyProgram.Kept(1))
            .Label("end").Call(60, 0L));
        Assert.Equal((0, "some text"), (exit, said));
    }

    [Fact]
    public void The_least_memory_that_was_left_is_the_peak_and_a_torn_line_is_none()
    {
        string file = Path.Combine(folder, "memory");
        File.WriteAllText(file, "MemTotal:         200000 kB\nMemFree:   150000 kB\nMemAvailable:     160000 kB\n" +
            "MemTotal:         200000 kB\nMemFree:    50000 kB\nMemAvailable:      70000 kB\nMemTotal:         200000 " +
                "kB\nMemAvailable:    1");
        RehearsalMemory memory = RehearsalMemory.Read(file)!;
        Assert.Equal((200000L * 1024, 70000L * 1024), (memory.TotalBytes, memory.LeastBytes));
        Assert.Equal((256L << 20) - (70000L * 1024), memory.PeakBytes(256L << 20));
        File.WriteAllText(file, "");
        Assert.Null(RehearsalMemory.Read(file));
        Assert.Null(RehearsalMemory.Read(file + ".not-there"));
    }

    [Theory]
    [InlineData("/dev/vda1", "virtio-blk", 0, 1)]
    [InlineData("/dev/vdb", "virtio-blk", 1, 0)]
    [InlineData("/dev/sdc2", "virtio-scsi", 2, 2)]
    [InlineData("/dev/nvme0n1p3", "nvme", 0, 3)]
    [InlineData("/dev/nvme1n1", "nvme", 1, 0)]
    public void A_raw_target_says_its_controller_place_and_partition(string name, string controller, int disks, int number) =>
        Assert.Equal(new RehearsalPartition(controller, disks, number), RehearsalPartition.Of(name, "virtio-blk"));

    [Theory]
    [InlineData("/dev/mapper/vg-dump")]
    [InlineData("/dev/disk/by-id/x")]
    [InlineData("/dev/nvme0n2p1")]
    [InlineData("UUID=1")]
    [InlineData("/dev/vda9")]
    public void A_name_that_no_disk_of_the_rehearsal_gets_is_refused(string name) => Assert.Null(RehearsalPartition.Of(name, "virtio-blk"));

    [Fact]
    public void A_partition_lies_where_its_table_says()
    {
        string disk = Path.Combine(folder, "disk.img");
        File.WriteAllBytes(disk, new byte[8 << 20]);
        var second = new RehearsalPartition("virtio-blk", 0, 2);
        second.WriteTable(disk);
        byte[] table = File.ReadAllBytes(disk)[..512];
        Assert.Equal((0x55, 0xaa), ((int)table[510], (int)table[511]));
        (long offset, long length) = second.Range(8 << 20);
        Assert.Equal((offset, length), (BitConverter.ToUInt32(table, 446 + 16 + 8) * 512L,
            BitConverter.ToUInt32(table, 446 + 16 + 12) * 512L));
    }

    [Theory]
    [InlineData("192.168.7.9", "", "192.168.7.0/24")]
    [InlineData("10.1.2.3", "10.1.9.9", "10.1.0.0/20")]
    [InlineData("10.1.2.3", "10.200.9.9", "10.0.0.0/8")]
    public void The_network_of_a_rehearsal_holds_both_ends(string one, string other, string subnet) =>
        Assert.Equal(subnet, RehearsalNetwork.SubnetOf(one, other));

    [Fact]
    public void Addresses_without_a_network_in_common_have_none()
    {
        Assert.Null(RehearsalNetwork.SubnetOf("10.0.0.1", "200.1.1.1"));
        Assert.Null(RehearsalNetwork.SubnetOf("server.example"));
        Assert.Null(RehearsalNetwork.SubnetOf());
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
        Assert.NotNull(stages.Hear("write_buffer: Can't write the dump file(/x/vmcore-incomplete). No space left on device"));
        Assert.Equal("target", stages.Last);
        Assert.NotNull(stages.Hear("kdump[511]: saving vmcore complete"));
        Assert.Equal("dump", stages.Last);
        Assert.Null(stages.Hear("kdump[511]: saving vmcore"));
    }

    /// <summary>openSUSE/kdump dracut/kdump-save: what it says before and behind the dump.</summary>
    [Fact]
    public void The_console_of_SUSE_tells_that_its_target_was_reached()
    {
        var stages = new Stages();
        Assert.NotNull(stages.Hear("[    0.0] Command line: elfcorehdr=0x2e000000 irqpoll"));
        Assert.NotNull(stages.Hear("Saved temporary README.txt"));
        Assert.Equal("target", stages.Last);
        Assert.NotNull(stages.Hear("Saved vmcore"));
        Assert.Equal("dump", stages.Last);
    }

    /// <summary>A dump that leaves less room than wanted is deleted again, behind the line that says it was saved.</summary>
    [ToolTheory("mkfs.ext4", "debugfs")]
    [InlineData("var/crash/2026-11-29-21-00/vmcore", true)]
    [InlineData("crash/2026-11-29-21-00/vmcore", true)]
    [InlineData("var/crash/2026-11-29-21-00/README.txt", false)]
    public void A_dump_that_was_announced_must_lie_on_the_disk(string file, bool there)
    {
        string disk = Path.Combine(folder, "disk.img"), content = Path.Combine(folder, "content", file);
        Directory.CreateDirectory(Path.GetDirectoryName(content)!);
        File.WriteAllText(content, "no dump");
        Tool.Run("PATH=$PATH:/usr/sbin:/sbin; truncate -s 8M disk.img; mkfs.ext4 -q -F -d content disk.img", folder);
        var plan = new RehearsalPlan { Kernel = "", Image = "", CommandLine = "", ReservedMegabytes = 1, FileSystem = "ext4" };
        RehearsedDump? found = RehearsedDump.Find(plan, disk, folder, announced: true);
        Assert.NotNull(found);
        Assert.Equal(there ? "/" + file : "", found.Path);
        Assert.NotEqual("", found.Trouble);
        Assert.Equal(there, RehearsedDump.Find(plan, disk, folder, announced: false) is not null);
        Assert.False(new RehearsalEnd("dump", 1, "", false) { Dump = found }.Shown(plan));
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

    /// <summary>What QEMU would refuse in words of its own, or boot for minutes, is refused before.</summary>
    [Theory]
    [InlineData("kernel", "ARM", "not of x86-64")]
    [InlineData("kernel", "MZ..zimg", "not of x86-64")]
    [InlineData("kernel", "MZ .linux", "unified kernel image")]
    [InlineData("kernel", "noise", "boot protocol")]
    [InlineData("kernel", "", "boot protocol")]
    [InlineData("image", "noise", "holds no file")]
    [InlineData("image", "", "holds no file")]
    [InlineData("memory", "1", "a number of 16")]
    [InlineData("console", "/nowhere/at/all/console.log", "/nowhere/at/all")]
    public void What_cannot_be_rehearsed_is_refused_before_it_starts(string what, string content, string why)
    {
        using var form = new HostForm("rhel9");
        string kernel = Path.Combine(folder, "kernel"), image = Path.Combine(folder, "image"), root = form.LayOut();
        byte[] bytes = new byte[4096];
        "HdrS"u8.CopyTo(bytes.AsSpan(0x202));
        File.WriteAllBytes(kernel, bytes);
        File.Copy(Path.Combine(root, $"boot/initramfs-{form.Release}kdump.img"), image);
        if (what is "kernel" or "image")
            File.WriteAllBytes(what == "kernel" ? kernel : image, content switch
            {
                "ARM" => [.. new byte[56], .. "ARM\x64"u8, .. new byte[1000]], "MZ..zimg" => [.. "MZ\0\0zimg"u8, .. new byte[1000]],
                "MZ .linux" => [.. "MZ\0\0 .linux\0\0"u8, .. new byte[1000]], "" => [],
                _ => [.. Enumerable.Range(0, 9000).Select(i => (byte)(((i * 7919) >> 3) & 0xff))],
            });
        var error = new StringWriter();
        int exit = Kdt.Run(["host", "rehearse", "--root", root, "--kernel", kernel, "--image", image, "--limit", "10",
            "--memory", what == "memory" ? content : "256", .. what == "console" ? new[] { "--console", content } : []],
            new StringWriter(), error, () => Stream.Null, Terminal.Plain);
        Assert.Equal(ExitCode.Failed, exit);
        Assert.Contains(why, error.ToString());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private (int Exit, string Said) Run(TinyProgram program, params string[] arguments)
    {
        string path = Path.Combine(folder, "program");
        File.WriteAllBytes(path, program.ToElf());
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true };
        start.Environment["KDT_GIVEN"] = "here";
        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}
