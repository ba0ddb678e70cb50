using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;
using Kdump.Formats.Dumps;
using Kdump.Tests.Builders;

namespace Kdump.Tests.Kernel;

/// <summary>
/// A real kernel's bytes without the lab: fixtures/dumps/hung-task-6.1.elf.xz holds those pages of a dump that the views read (see its
/// ORIGIN.txt for how it is made again). What they say stands beside it; drgn and crash said the same of the whole dump, see
/// docs/vmcore-proof.md.
/// </summary>
public sealed class RealKernelTests : IClassFixture<RealKernelTests.Core>
{
    private readonly Core core;

    public RealKernelTests(Core core) => this.core = core;

    [Theory]
    [InlineData("info")]
    [InlineData("ps")]
    [InlineData("bt")]
    [InlineData("bt", "--all")]
    [InlineData("bt", "--group")]
    [InlineData("bt", "--state", "UN")]
    [InlineData("locks")]
    [InlineData("irq")]
    [InlineData("modules")]
    [InlineData("devices")]
    public void A_view_of_a_real_kernel_is_its_golden(params string[] view)
    {
        (int code, string output, string error) = Run(["vmcore", .. view, core.Path]);
        // The fixture lacks pages that some views ask for now: that is told, and nothing else is.
        if (code == 0)
            Assert.Equal("", error);
        else
        {
            Assert.Equal(1, code);
            string told = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.StartsWith($"kdt: {core.Path}: pages that were needed and could not be read: ", told, StringComparison.Ordinal);
        }
        Golden.Check(Repository.Path("fixtures", "dumps", $"hung-task-6.1.{string.Concat(view)}.txt"),
            output.Replace(core.Path, "vmcore", StringComparison.Ordinal));
    }

    [Fact]
    public void The_log_is_the_one_that_makedumpfile_wrote()
    {
        (_, string output, _) = Run("vmcore", "log", core.Path);
        Assert.Equal(File.ReadAllText(Repository.Path("fixtures", "dumps", "hung-task-6.1.makedumpfile.txt")), output);
    }

    /// <summary>Firmware's dump has neither notes nor VMCOREINFO: the kernel is found by searching its memory.</summary>
    [Fact]
    public void The_same_memory_in_a_stand_alone_dump_tells_the_same()
    {
        string path = System.IO.Path.GetTempFileName();
        try
        {
            using (Dump dump = DumpFormats.Open([core.Path]))
            {
                // The fixture has the text as a note only; in the machine's memory it began a page.
                byte[] page = new byte[dump.PageSize];
                dump.ElfNotes.First(n => n.Name == "VMCOREINFO").Description.Span.CopyTo(page);
                ulong free = 1;
                while (dump.State(new Pfn(free)) == PageState.Present)
                    free++;
                File.WriteAllBytes(path, SaDumpBuilder.Of(dump).Page((int)free, page).Partition());
            }
            (_, string log, _) = Run("vmcore", "log", path);
            Assert.Equal(File.ReadAllText(Repository.Path("fixtures", "dumps", "hung-task-6.1.makedumpfile.txt")), log);
            (_, string tasks, _) = Run("vmcore", "ps", path);
            Assert.Equal(File.ReadAllText(Repository.Path("fixtures", "dumps", "hung-task-6.1.ps.txt")),
                tasks.Replace(path, "vmcore", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_holder_of_the_lock_is_the_cause_of_the_hang()
    {
        (int code, string output, _) = Run("explain", "--json", core.Path);
        Assert.Equal(1, code);
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement verdict = json.RootElement.GetProperty("verdict");
        Assert.Contains("lock-not-released",
            verdict.GetProperty("rootCauses").EnumerateArray().Select(c => c.GetProperty("id").GetString()));
        JsonElement[] held = [.. verdict.GetProperty("findings").EnumerateArray()
            .Where(f => f.GetProperty("id").GetString() == "lock-not-released")];
        Assert.Equal(2, held.Length);
        Assert.All(held, f => Assert.StartsWith("lab_holder (", f.GetProperty("title").GetString(), StringComparison.Ordinal));
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = Kdt.Run(args, output, error, () => Stream.Null, Terminal.Plain);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>The fixture, unpacked once.</summary>
    public sealed class Core : IDisposable
    {
        public Core()
            : this("hung-task-6.1.elf.xz")
        {
        }

        internal Core(string name)
        {
            byte[] packed = File.ReadAllBytes(Repository.Path("fixtures", "dumps", name));
            using var unpacked = new DecodedStream(new MemoryStream(packed), StreamCodecs.Of(packed)!, long.MaxValue);
            using FileStream file = File.Create(Path);
            unpacked.CopyTo(file);
        }

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
