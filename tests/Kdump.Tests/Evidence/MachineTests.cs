using System.Text;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Evidence;

public sealed class MachineTests
{
    [Fact]
    public void Memory_lines_that_are_missing_are_not_zero()
    {
        MemoryState memory = Assert.Single(Read.With(new Meminfo(), "MemTotal:  205144 kB\nMemAvailable:  123656 kB\n").Of<MemoryState>());
        Assert.Equal((205144, -1, 123656, -1), (memory.Total, memory.Free, memory.Available, memory.Slab));
    }

    [Fact]
    public void The_reservation_is_read_from_iomem_and_hidden_addresses_are_none()
    {
        const string Text = "00001000-0009fbff : System RAM\n  16000000-25ffffff : Crash kernel\n";
        Assert.Equal(256L << 20, Assert.Single(Read.With(new Iomem(), Text).Of<PhysicalMemory>()).CrashKernel);
        Assert.Empty(Read.With(new Iomem(), "00000000-00000000 : System RAM\n").Of<PhysicalMemory>());
    }

    [Theory]
    [InlineData("00001000-0009fbff : System RAM\n  16000000-25ffffff : Crash kernel\n", true)]
    [InlineData("00000000-00000000 : System RAM\n  00000000-00000000 : Crash kernel\n", true)]
    [InlineData("00000000-00000000 : Crash kernel\n00000000-00000000 : System RAM\n", true)]
    [InlineData("00000000-00000000 : System RAM\n00000000-00000000 : Kernel code\n", false)]
    public void Whether_memory_is_reserved_is_read_from_iomem_also_without_addresses(string text, bool reserved)
    {
        IomemListed listed = Assert.Single(Read.With(new Iomem(), text).Of<IomemListed>());
        Assert.Equal(reserved, listed.CrashKernel);
        Assert.Contains(reserved ? "Crash kernel" : "System RAM", listed.Source.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Oct 10 12:00:00 host kdumpctl[812]: kdump: Starting kdump: [FAILED]", "kdumpctl", "kdump: Starting kdump: [FAILED]")]
    [InlineData("2024-10-10T12:00:00+0000 host (udev-worker)[5]: x: y", "(udev-worker)", "x: y")]
    [InlineData("a[b]: c", null, null)]
    [InlineData("[12]: c", null, null)]
    [InlineData("words", null, null)]
    public void A_program_s_line_is_its_name_and_its_words(string text, string? program, string? words)
    {
        bool known = ProgramLine.TryParse(text, out ProgramLine line);
        Assert.Equal(program is not null, known);
        Assert.Equal((program, words), known ? (line.Program.ToString(), line.Words.ToString()) : (null, null));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(31)]
    public void A_stack_by_crash_is_read_from_whatever_frame_the_paste_begins_with(int first)
    {
        string text = string.Concat(Enumerable.Range(first, 5).Select(i =>
            $"{"#" + i,3} [ffffb3e2c0a3fe{i:x2}] step{i} at ffffffff8112345{i % 10}\n"));
        PastedStack stack = Assert.Single(Read.With(new PastedStacks(), text).Of<PastedStack>());
        Assert.Equal(Enumerable.Range(first, 5).Select(i => $"step{i}"), stack.Functions);
    }

    [Fact]
    public void A_uevent_names_what_came()
    {
        byte[] datagram = Encoding.UTF8.GetBytes(
            "add@/devices/pci0000:00/0000:00:03.0/virtio1/block/vda\0ACTION=add\0DEVPATH=/x\0SUBSYSTEM=block\0DEVNAME=vda\0");
        Uevent message = Uevent.Parse("netlink", datagram)!;
        Assert.Equal(("add", "block", "vda", ""), (message.Action, message.Subsystem, message.DeviceName, message.Driver));
        Assert.EndsWith("/vda", message.Path);
    }

    [Theory]
    [InlineData("libudev\0\u00fe\u00ed")]
    [InlineData("")]
    [InlineData("add@relative\0")]
    [InlineData("@/x\0")]
    public void What_udev_sends_is_not_the_kernels(string text) => Assert.Null(Uevent.Parse("netlink", Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("pci:v00001AF4d*sv*sd*bc*sc*i*", "pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00", true)]
    [InlineData("pci:v*d*sv*sd*bc01sc08i02*", "pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02", true)]
    [InlineData("pci:v*d*sv*sd*bc01sc06i01*", "pci:v00001B36d00000010sv00001AF4sd00001100bc01sc08i02", false)]
    [InlineData("cpu:type:x86,ven[0-9A]*", "cpu:type:x86,ven5", true)]
    [InlineData("a[", "a[", true)]
    [InlineData("a?c", "abc", true)]
    [InlineData("*", "", true)]
    [InlineData("a", "", false)]
    public void Aliases_match_as_shell_patterns(string pattern, string text, bool fits) =>
        Assert.Equal(fits, ModulesAlias.Glob(pattern, text));

    [Fact]
    public void A_pattern_of_stars_takes_no_exponential_time() =>
        Assert.False(ModulesAlias.Glob(string.Concat(Enumerable.Repeat("*a", 2000)) + "b", new string('a', 5000)));

    [Fact]
    public void Modules_are_found_by_alias()
    {
        const string Text = "# Aliases\nalias pci:v*d*sv*sd*bc01sc08i02* nvme\nalias virtio:d00000002v* virtio_blk\nalias " +
            "virtio:d00000002v* virtio_blk\nalias broken\n";
        List<string>[] found = ModulesAlias.Match(new LineReader("modules.alias", new MemoryStream(Encoding.UTF8.GetBytes(Text))),
            ["virtio:d00000002v00001AF4", "pci:v00001B36d00000010sv0sd0bc01sc08i02", "pci:v0d0sv0sd0bc02sc00i00"]);
        Assert.Equal(["virtio_blk", "nvme", ""], found.Select(f => string.Join(' ', f)));
    }

    [Fact]
    public void Owners_of_vectors_are_sorted_by_number_and_then_by_name()
    {
        var random = new Random(4);
        var text = new StringBuilder("           CPU0\n");
        for (int i = 0; i < 600; i++)
            text.Append($"{i}: 0 PCI-MSI {i}-edge driver-{(char)('a' + random.Next(26))}{(char)('a' + random.Next(4))}\n");
        (string Owner, int Vectors)[] owners =
            [.. Assert.Single(Read.With(new ProcInterrupts(), text.ToString()).Of<InterruptTable>()).Owners()];
        Assert.Equal(owners.OrderByDescending(o => o.Vectors).ThenBy(o => o.Owner, StringComparer.Ordinal), owners);
        Assert.Equal(600, owners.Sum(o => o.Vectors));
    }

    [Fact]
    public void Deferred_devices_come_with_their_reason() =>
        Assert.Equal([("a.b", ""), ("1-1", "usb: waits for phy")],
            Read.With(new DevicesDeferred(), "a.b\n1-1\tusb: waits for phy\n\n").Of<DeferredProbe>().Select(d => (d.Device, d.Reason)));
}
