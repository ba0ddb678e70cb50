using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Host;

/// <summary>
/// A cloud machine of arm64 whose kernel's release does not say so (6.8.0-1021-aws). Made up after public listings of /proc/cpuinfo,
/// /proc/interrupts and /proc/version of such machines.
/// </summary>
public sealed class HostArm64Tests
{
    private const string Cpu = "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics\n" +
        "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\n";

    private const string Interrupts = """
                   CPU0       CPU1
          9:          0          0     GICv3  25 Level     vgic
         11:     123444     232323     GICv3  27 Level     arch_timer
         15:          0          0  ITS-PCI-MSIX-0000:00:04.0   0 Edge      nvme0q0
         16:       4444          0  ITS-PCI-MSIX-0000:00:04.0   1 Edge      nvme0q1
        IPI0:      8989       8989       Rescheduling interrupts
        """;

    private static HostForm Machine()
    {
        HostForm form = new("ubuntu2404");
        form.Files["proc/cpuinfo"] = Cpu;
        form.Files["proc/interrupts"] = Interrupts + "\n";
        form.Files["sys/class/dmi/id/sys_vendor"] = "Amazon EC2\n";
        const string Nvme = "sys/devices/pci0000:00/0000:00:05.0";
        form.Files[Nvme + "/class"] = "0x010802\n";
        form.Files[Nvme + "/vendor"] = "0x1d0f\n";
        form.Files[Nvme + "/device"] = "0x8061\n";
        form.Links["sys/bus/pci/devices/0000:00:05.0"] = "../../../devices/pci0000:00/0000:00:05.0";
        return form;
    }

    [Fact]
    public void Irqpoll_is_warned_of_on_a_Graviton_machine_whatever_its_release_is_called()
    {
        using HostForm form = Machine();
        Assert.Contains("the crash kernel gets irqpoll on a Graviton machine", form.Run(out _, "-v"), StringComparison.Ordinal);
        using HostForm x86 = new("ubuntu2404");
        x86.Files["sys/class/dmi/id/sys_vendor"] = "Amazon EC2\n";
        Assert.DoesNotContain("Graviton", x86.Run(out _, "-v"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Vectors_are_not_spoken_of_with_or_without_a_table_of_interrupts(bool table)
    {
        using HostForm form = Machine();
        if (!table)
            form.Files.Remove("proc/interrupts");
        Assert.DoesNotContain("interrupt vectors", form.Run(out _, "-v"), StringComparison.OrdinalIgnoreCase);
        var output = new StringWriter();
        int exit = Kdt.Run(["host", "vectors", "--root", form.LayOut()], output, new StringWriter(), () => Stream.Null, Terminal.Plain);
        Assert.Equal(0, exit);
        Assert.StartsWith("aarch64: nothing to forecast.", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("x86", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(table, output.ToString().Contains("2 message interrupts (LPIs", StringComparison.Ordinal));
    }

    [Fact]
    public void A_page_of_it_is_written_and_a_forecast_to_embed_is_refused()
    {
        using HostForm form = Machine();
        string root = form.LayOut();
        var page = new StringWriter();
        Assert.Equal(0, Kdt.Run(["host", "vectors", "--root", root, "-o", "-"], page, new StringWriter(), () => Stream.Null,
            Terminal.Plain));
        Assert.Contains("aarch64: nothing to forecast.", page.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", page.ToString(), StringComparison.OrdinalIgnoreCase);
        var error = new StringWriter();
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Assert.Equal(2, Kdt.Run(["host", "vectors", "--root", root, "--embed", file], new StringWriter(), error, () => Stream.Null,
            Terminal.Plain));
        Assert.Contains("no forecast to write", error.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void The_table_of_kdump_utils_for_arm64_is_the_one_that_advises()
    {
        using HostForm form = Machine();
        var output = new StringWriter();
        Kdt.Run(["host", "memory", "--root", form.LayOut()], output, new StringWriter(), () => Stream.Null, Terminal.Plain);
        Assert.Contains("2G-4G:256M,4G-64G:320M,64G-:576M", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Cpu, "aarch64", "CPU implementer")]
    [InlineData("processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\n", "x86_64", "vendor_id")]
    [InlineData("processor\t: 0\nhart\t\t: 1\nisa\t\t: rv64imafdc\n", "riscv64", "hart")]
    [InlineData("processor\t: 0\ncpu\t\t: POWER9, altivec supported\n", "ppc64le", "POWER9")]
    [InlineData("vendor_id       : IBM/S390\n# processors    : 4\n", "s390x", "S390")]
    [InlineData("Linux version 6.8.0-1021-aws (buildd@x) (aarch64-linux-gnu-gcc-13 (Ubuntu) 13.2.0) #23-Ubuntu SMP\n", "aarch64",
        "aarch64-")]
    [InlineData("processor\t: 0\nmodel name\t: ARMv7 Processor rev 4 (v7l)\nCPU implementer\t: 0x41\n", null, "")]
    [InlineData("nothing of that kind\n", null, "")]
    public void The_architecture_is_read_where_it_stands(string text, string? name, string line)
    {
        (string Name, int Number, string Line)? found = MachineArchitecture.In(text);
        Assert.Equal(name, found?.Name);
        if (found is { } f)
        {
            Assert.Contains(line, f.Line, StringComparison.Ordinal);
            Assert.Equal(text.Split('\n')[f.Number - 1], f.Line);
        }
    }

    [Theory]
    [InlineData("Booting Linux on physical CPU 0x0000000000 [0x413fd0c1]", false)]
    [InlineData("Command line: BOOT_IMAGE=/vmlinuz", true)]
    public void A_log_of_arm64_with_ENOSPC_is_not_told_as_vectors_of_x86(string first, bool found)
    {
        Verdict verdict = Explained.Verdict($"""
            [    0.000000] {first}
            [    0.000000] Linux version 6.8.0-1021-aws (buildd@x) (gcc-13) #23-Ubuntu SMP
            [    0.000000] Kernel command line: BOOT_IMAGE=/vmlinuz root=/dev/vda nr_cpus=1 irqpoll reset_devices elfcorehdr=0x7f000000
            [    2.100000] nvme 0000:01:00.0: probe with driver nvme failed with error -28
            [    2.200000] virtio_net virtio1: probe with driver virtio_net failed with error -28
            """);
        Assert.Equal(found, verdict.Findings.Any(f => f.Id == "vector-exhaustion"));
    }
}
