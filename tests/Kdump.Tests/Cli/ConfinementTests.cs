using System.Diagnostics;
using System.Net.Sockets;
using Kdump.Cli.Commands;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Cli;

/// <summary>A thread that confined itself cannot be freed again, so each test has one of its own.</summary>
public sealed class ConfinementTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-confined").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(true, "explain", "console.log")]
    [InlineData(true, "--no-pager", "log", "-")]
    [InlineData(true, "--color", "never", "image", "check", "x.img")]
    [InlineData(true, "vmcore", "bt", "vmcore")]
    [InlineData(false, "vmcore", "shell", "vmcore")]
    [InlineData(true, "vmcore", "gcore", "--pid", "1", "-o", "core", "vmcore")]
    [InlineData(false, "vmcore", "clr", "vmcore")]
    [InlineData(false, "vmcore", "--no-pager", "shell", "vmcore")]
    [InlineData(false, "vmcore", "--color", "never", "clr", "vmcore")]
    [InlineData(false, "explain", "@options.rsp")]
    [InlineData(false, "host", "check")]
    [InlineData(false, "fleet", "scan", ".")]
    [InlineData(false)]
    public void Commands_that_only_read_are_confined(bool expected, params string[] args) =>
        Assert.Equal(expected, ReadingCommands.Outputs(args) is not null);

    [WithLandlockFact]
    public void Files_are_written_only_where_the_command_line_says()
    {
        string asked = Directory.CreateDirectory(Path.Combine(folder, "asked")).FullName, there = Path.Combine(folder, "there");
        File.WriteAllText(there, "before");
        Confined(["explain", "-o", Path.Combine(asked, "page.html")], () =>
        {
            Assert.Throws<UnauthorizedAccessException>(() => File.WriteAllText(Path.Combine(folder, "new"), "x"));
            Assert.Throws<UnauthorizedAccessException>(() => File.WriteAllText(there, "x"));
            Assert.Throws<UnauthorizedAccessException>(() => File.Delete(there));
            Assert.Throws<UnauthorizedAccessException>(() => Directory.CreateDirectory(Path.Combine(folder, "d")));
            File.WriteAllText(Path.Combine(asked, "page.html"), "x");
            File.Move(Path.Combine(asked, "page.html"), Path.Combine(asked, "other.html"));
            File.WriteAllText("/dev/null", "x");
            Assert.Equal("before", File.ReadAllText(there));
        });
        Assert.Equal(["asked", "there"], Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void There_is_no_network()
    {
        Confined(["log", "-"], () => Assert.Throws<SocketException>(
            () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)));
        new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp).Dispose();
    }

    [Fact]
    public void What_was_started_before_may_still_write_and_start_programs()
    {
        string made = Path.Combine(folder, "by-the-pager");
        Thread? thread = null;
        Exception? fault = null;
        thread = new Thread(() =>
        {
            var early = new EarlyThread();
            Confinement.Apply([]);
            early.Run(() =>
            {
                using Process? process = Process.Start("/bin/sh", ["-c", $"echo x > {made}"]);
                process?.WaitForExit();
            });
            fault = File.Exists(made) ? null : new IOException("the early thread could not write");
        });
        thread.Start();
        thread.Join();
        Assert.Null(fault);
    }

    [Theory]
    [InlineData("-o", "/a/b.html", "/a")]
    [InlineData("--output", "/a/b.html", "/a")]
    [InlineData("--output=/a/b.html", null, "/a")]
    [InlineData("-o/a/b.html", null, "/a")]
    [InlineData("-o=/a/b.html", null, "/a")]
    [InlineData("-qo", "/a/b.html", "/a")]
    [InlineData("--output:/a/b.html", null, "/a")]
    public void The_folder_of_a_page_is_found(string option, string? value, string expected) =>
        Assert.Equal([expected], ReadingCommands.Outputs(value is null ? ["explain", option] : ["explain", option, value])!);

    [Fact]
    public void Standard_output_is_no_folder() => Assert.Empty(ReadingCommands.Outputs(["explain", "-o", "-", "x"])!);

    private static void Confined(string[] args, Action test)
    {
        Exception? fault = null;
        var thread = new Thread(() =>
        {
            Confinement.Apply(ReadingCommands.Outputs(args)!);
            try
            {
                test();
            }
            catch (Exception e)
            {
                fault = e;
            }
        });
        thread.Start();
        thread.Join();
        if (fault is not null)
            throw new InvalidOperationException(fault.Message, fault);
    }

    private sealed class WithLandlockFactAttribute : FactAttribute
    {
        public WithLandlockFactAttribute()
        {
            if (Confinement.Landlock < 1)
                Skip = "needs a kernel with Landlock that permits it";
        }
    }
}
