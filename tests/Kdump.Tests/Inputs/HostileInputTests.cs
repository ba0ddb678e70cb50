using System.Buffers.Binary;
using System.Text;
using Kdump.Tests.Kernel;
using Kdump.Tests.MachineChecks;
using Kdump.Tests.Probe;

namespace Kdump.Tests.Inputs;

/// <summary>Inputs made to lie: each costs what it holds, and nothing else.</summary>
public sealed class HostileInputTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kdt-hostile-").FullName;

    /// <summary>One word of a task's memory, from which a negative CPU number follows.</summary>
    [Fact]
    public void A_word_of_damaged_memory_costs_one_stack_of_a_dump()
    {
        using var core = new RealKernelTests.Core();
        using (FileStream file = File.OpenWrite(core.Path))
        {
            file.Position = 0x85ab40;
            file.Write([0x00, 0x20, 0x43, 0x0e, 0x60, 0xdc, 0x2d, 0xff]);
        }
        foreach (string[] args in new string[][] { ["explain", core.Path], ["vmcore", "bt", "--all", core.Path] })
        {
            (int code, string output, string error) = Run.Kdt(args);
            Assert.Equal(1, code);
            Assert.DoesNotContain("bug", error, StringComparison.Ordinal);
            Assert.Contains("lab_holder", output, StringComparison.Ordinal);
        }
    }

    /// <summary>A header of 120 bytes that claims 2^40 bytes of memory in a file of two pages: nothing walks what is not there.</summary>
    [Theory]
    [InlineData(1UL << 40)]
    [InlineData(1UL << 58)]
    public async Task Memory_that_only_a_header_claims_is_not_walked(ulong claimed)
    {
        byte[] core = new byte[8192];
        "\x7f"u8.CopyTo(core);
        "ELF\x02\x01\x01"u8.CopyTo(core.AsSpan(1));
        core[16] = 4;
        core[18] = 62;
        core[20] = 1;
        core[32] = core[52] = 64;
        core[54] = 56;
        core[56] = 1;
        Span<byte> load = core.AsSpan(64);
        load[0] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(load[8..], 4096);
        BinaryPrimitives.WriteUInt64LittleEndian(load[32..], claimed);
        BinaryPrimitives.WriteUInt64LittleEndian(load[40..], claimed);
        string path = Path.Combine(folder, "vmcore");
        File.WriteAllBytes(path, core);
        foreach (string[] args in new string[][] { ["explain", path], ["vmcore", "info", path], ["vmcore", "verify", path],
            ["vmcore", "search", path, "0x1234"] })
        {
            int code = await Task.Run(() => Run.Kdt(args).Code).WaitAsync(TimeSpan.FromMinutes(1));
            Assert.True(code != 0 || args[1] == "info", string.Join(' ', args));
        }
    }

    [ToolTheory("mkfifo")]
    [InlineData("etc/kdump.conf")]
    [InlineData("etc/default/grub")]
    [InlineData("proc/cmdline")]
    [InlineData("proc/interrupts")]
    [InlineData("sys/kernel/kexec_crash_size")]
    [InlineData("sys/bus/pci/devices/0000:00:01.0/class")]
    public async Task A_pipe_in_the_place_of_a_file_of_a_machine_is_not_waited_for(string place)
    {
        using TreeBuilder tree = TreeBuilder.From("host-rhel9");
        string path = Path.Combine(tree.Path, place);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        Tool.Run($"mkfifo '{path}'", folder);
        foreach (string verb in new[] { "check", "vectors", "memory", "history" })
        {
            int code = await Task.Run(() => Run.Kdt("host", verb, "--root", tree.Path).Code).WaitAsync(TimeSpan.FromMinutes(1));
            Assert.InRange(code, 0, 2);
        }
    }

    [Fact]
    public void A_report_is_never_written_over_evidence()
    {
        string log = Path.Combine(folder, "console.log"), page = Path.Combine(folder, "report.html"), link = Path.Combine(folder, "link");
        File.Copy(Repository.Path("fixtures", "reports", "kasan-uaf.log"), log);
        File.CreateSymbolicLink(link, log);
        byte[] before = File.ReadAllBytes(log);
        foreach (string target in new[] { log, link, $"{folder}/../{Path.GetFileName(folder)}/console.log" })
        {
            (int code, _, string error) = Run.Kdt("explain", log, "-o", target);
            Assert.Equal(2, code);
            Assert.Contains("not overwritten", error, StringComparison.Ordinal);
        }
        Assert.Equal(before, File.ReadAllBytes(log));
        Assert.Equal(1, Run.Kdt("explain", log, "-o", page).Code);
        Assert.Equal(1, Run.Kdt("explain", log, "-o", page).Code);
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Equal(["console.log", "link", "report.html"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
    }

    /// <summary>A column of 11 characters for each CPU: /proc/interrupts of a large machine has rows of 90 KB.</summary>
    [Theory]
    [InlineData(740)]
    [InlineData(800)]
    [InlineData(4096)]
    [InlineData(8192)]
    public void The_interrupts_of_a_large_machine_are_read_whole(int cpus)
    {
        var table = new StringBuilder("           ").AppendJoin("", Enumerable.Range(0, cpus).Select(c => $"CPU{c,-8}")).Append('\n');
        for (int irq = 24; irq < 40; irq++)
            table.Append($"{irq,4}:").AppendJoin("", Enumerable.Repeat("          0", cpus))
                .Append($"  PCI-MSI {irq}-edge      nvme0q{irq}\n");
        var read = Assert.Single(Explained.Facts(table.ToString()).Of<Kdump.Diagnosis.Evidence.Machines.InterruptTable>());
        Assert.Equal(cpus, read.Cpus.Count);
        Assert.Equal(Enumerable.Range(24, 16).Select(i => $"nvme0q{i}"), read.Rows.Select(r => r.Actions));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
