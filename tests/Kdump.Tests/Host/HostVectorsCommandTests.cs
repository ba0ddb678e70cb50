using System.Text.Json;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.ProbeReports;

namespace Kdump.Tests.Host;

/// <summary><c>kdt host vectors</c> on machines that were built for it; tests/lab/vectors has the real ones.</summary>
public sealed class HostVectorsCommandTests : IDisposable
{
    private const string Crash = "irqpoll nr_cpus=1 reset_devices";

    private readonly VectorScene scene = new();

    public void Dispose() => scene.Dispose();

    [Fact]
    public void A_machine_of_the_field_does_not_fit_one_CPU_and_its_disk_is_lost()
    {
        Field();
        (int exit, JsonElement forecast) = scene.Json(Crash);
        Assert.Equal(1, exit);
        JsonElement one = Plan(forecast, 1);
        // 48 ports, 54 cards of three, the disk's two, three lines.
        Assert.Equal((48 + (54 * 3) + 2 + 3, false, false),
            (one.GetProperty("needed").GetInt32(), one.GetProperty("fits").GetBoolean(), one.GetProperty("targetSurvives").GetBoolean()));
        Assert.Equal("virtio_net", one.GetProperty("refused")[0].GetProperty("driver").GetString());
        Assert.Equal("0000:00:1e.0", one.GetProperty("refused").EnumerateArray().Last().GetProperty("name").GetString());
        Assert.True(Plan(forecast, 2).GetProperty("fits").GetBoolean());
        Assert.Equal(2, forecast.GetProperty("recommendedCpus").GetInt32());
        Assert.Equal("pcie_ports=compat", forecast.GetProperty("recommendedParameter").GetString());
        JsonElement finding = forecast.GetProperty("verdict").GetProperty("findings")[0];
        Assert.Equal(("vector-exhaustion", "critical"),
            (finding.GetProperty("id").GetString(), finding.GetProperty("severity").GetString()));
        Assert.NotEmpty(finding.GetProperty("evidence").EnumerateArray());
        Assert.Equal(201, forecast.GetProperty("perCpuCapacity").GetInt32());
        Assert.Equal(23, forecast.GetProperty("systemVectors").GetInt32());
    }

    [Fact]
    public void Without_the_table_of_interrupts_nothing_is_called_right()
    {
        Field();
        scene.WithInterrupts = false;
        (int _, JsonElement forecast) = scene.Json(Crash);
        Assert.Contains(forecast.GetProperty("verdict").GetProperty("unknowns").EnumerateArray(),
            u => u.GetProperty("question").GetString()!.Contains("/proc/interrupts", StringComparison.Ordinal));
    }

    [Fact]
    public void Kdump_tools_goes_on_to_the_root_whose_drivers_come_last()
    {
        scene.Target().Device("0000:00:10.0", 0x010802, "nvme", "nvme", 65, 9, 9);
        for (int i = 0; i < 30; i++)
            scene.Device($"0000:01:{i:x2}.0", 0x020000, "ice", "ice", 64, 9, 9);
        int image = Plan(scene.Json(Crash).Forecast, 1).GetProperty("needed").GetInt32();
        scene.Host("etc/default/kdump-tools", "USE_KDUMP=1\n");
        (int _, JsonElement forecast) = scene.Json(Crash);
        JsonElement one = Plan(forecast, 1);
        Assert.True(one.GetProperty("needed").GetInt32() > image);
        Assert.True(one.GetProperty("neededHigh").GetInt32() > one.GetProperty("needed").GetInt32());
        // The disk's driver is in the image, and gets its vectors before them.
        Assert.NotEqual(JsonValueKind.False, one.GetProperty("targetSurvives").ValueKind);
        Assert.Equal(image, Plan(scene.Json($"{Crash} modprobe.blacklist=nvme,ice").Forecast, 1).GetProperty("needed").GetInt32());
    }

    [Theory]
    [InlineData("usbcore.nousb", 0)]
    [InlineData("usbcore.nousb=1", 0)]
    [InlineData("usbcore.nousb=0", 1)]
    [InlineData("nr_cpus=1", 1)]
    public void Without_USB_its_controllers_take_nothing(string parameter, int vectors)
    {
        scene.Target().Module("xhci_pci", "pci:v*d*sv*sd*bc0Csc03i30*");
        int without = Plan(scene.Json($"{Crash} {parameter}").Forecast, 1).GetProperty("needed").GetInt32();
        scene.Device("0000:00:14.0", 0x0c0330, "xhci_hcd", "xhci_pci", 8, 1, 1, "pci:v00008086d0000A36Dsv0sd0bc0Csc03i30");
        Assert.Equal(without + vectors, Plan(scene.Json($"{Crash} {parameter}").Forecast, 1).GetProperty("needed").GetInt32());
    }

    [Theory]
    [InlineData("pcie_ports=compat", 48)]
    [InlineData("module_blacklist=virtio_net", 162)]
    [InlineData("rd.driver.blacklist=virtio_net", 162)]
    public void A_parameter_takes_its_vectors_off_and_all_fits(string parameter, int saved)
    {
        Field();
        (int exit, JsonElement forecast) = scene.Json($"{Crash} {parameter}");
        Assert.Equal(0, exit);
        Assert.Equal(48 + (54 * 3) + 2 + 3 - saved, Plan(forecast, 1).GetProperty("needed").GetInt32());
        Assert.Empty(forecast.GetProperty("verdict").GetProperty("findings").EnumerateArray());
    }

    [Fact]
    public void A_folder_beside_the_virtio_device_is_not_taken_for_it()
    {
        // Seen in a collection of the lab: a virtio/ that sorts before virtio99/.
        Target().Host("sys/devices/pci0000:00/0000:00:1e.0/virtio/x", "");
        Assert.Equal(3 + 2, Plan(scene.Json(Crash).Forecast, 1).GetProperty("needed").GetInt32());
    }

    [Fact]
    public void A_blacklist_in_the_image_counts_as_well()
    {
        Field().InImage("etc/modprobe.d/kdump.conf", "blacklist virtio_net\n");
        Assert.Equal(0, scene.Json(Crash).Exit);
    }

    [Fact]
    public void A_first_kernel_with_hundreds_of_interrupts_is_no_alarm_when_the_image_has_none_of_their_drivers()
    {
        // What kdump-utils warned of in 2017, and should not have.
        for (int i = 0; i < 24; i++)
            scene.Device($"0000:{i + 1:x2}:00.0", 0x010802, "nvme", "nvme", 65, 9, 9, $"pci:v00001B36d00000010bc01sc08i02n{i}");
        Target();
        (int exit, JsonElement forecast) = scene.Json(Crash);
        Assert.Equal((0, 5, true), (exit, Plan(forecast, 1).GetProperty("needed").GetInt32(),
            Plan(forecast, 1).GetProperty("fits").GetBoolean()));
        (_, string text, _) = scene.Run(Crash, withImage: true);
        Assert.Contains("not in the image, not counted: nvme 216", text, StringComparison.Ordinal);
        Assert.Contains("nothing to change", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_image_nothing_is_said_to_fit_or_fail_for_sure()
    {
        Field();
        (_, JsonElement forecast) = scene.Json(Crash, withImage: false);
        JsonElement one = Plan(forecast, 1);
        Assert.True(one.GetProperty("neededLow").GetInt32() < 60);
        Assert.Contains(forecast.GetProperty("gaps").EnumerateArray(), g => g.GetString()!.Contains("--image", StringComparison.Ordinal));
    }

    [Fact]
    public void A_driver_that_is_not_in_the_table_leaves_it_open_and_says_so()
    {
        Target().Module("strange", "pci:v0000ABCDd*");
        for (int i = 0; i < 3; i++)
            scene.Device($"0000:{i + 1:x2}:00.0", 0x120000, "strange", "strange", 128, 100, 8, "pci:v0000ABCDd00000001");
        (int exit, JsonElement forecast) = scene.Json(Crash);
        Assert.Equal(0, exit);
        Assert.Equal(JsonValueKind.Null, Plan(forecast, 1).GetProperty("fits").ValueKind);
        JsonElement unknown = Assert.Single(forecast.GetProperty("verdict").GetProperty("unknowns").EnumerateArray());
        Assert.Contains("strange", unknown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Maxcpus_is_told_from_nr_cpus()
    {
        Target();
        (_, JsonElement forecast) = scene.Json("maxcpus=1 reset_devices");
        Assert.Contains(forecast.GetProperty("verdict").GetProperty("findings").EnumerateArray(),
            f => f.GetProperty("id").GetString() == "maxcpus-keeps-possible-cpus");
        // The disk's set takes a vector on each of eight possible CPUs, though one runs.
        Assert.Equal(3 + 1 + 8, Plan(forecast, 1).GetProperty("needed").GetInt32());
        Assert.True(Plan(forecast, 1).GetProperty("memoryCostBytes").GetInt64() > 7 * 1_000_000);
    }

    [Fact]
    public void A_network_card_counts_when_the_dump_goes_through_it()
    {
        scene.Device("0000:00:05.0", 0x020000, "e1000e", "e1000e", 5, 3, 3, "pci:v00008086d000010D3").Interface("eth0", "0000:00:05.0")
            .Device("0000:00:06.0", 0x020000, "e1000e", "e1000e", 5, 3, 3, "pci:v00008086d000010D3").Interface("eth1", "0000:00:06.0")
            .Module("e1000e", "pci:v00008086d000010D3*").InImage("etc/kdump.conf", "nfs 10.0.0.1:/dump\n")
                .InImage("etc/cmdline.d/40ip.conf", "ip=10.0.0.2::10.0.0.1:255.255.255.0:k:eth1:none\n");
        (_, JsonElement forecast) = scene.Json(Crash);
        JsonElement one = Plan(forecast, 1);
        Assert.Equal((3 + 3, 3 + 6), (one.GetProperty("needed").GetInt32(), one.GetProperty("neededHigh").GetInt32()));
        Assert.Equal(3, one.GetProperty("byDevice").GetProperty("0000:00:06.0").GetInt32());
        Assert.Equal(0, one.GetProperty("byDevice").GetProperty("0000:00:05.0").GetInt32());
    }

    /// <summary>An image with ip= brings the card up whatever it dumps to.</summary>
    [Theory]
    [InlineData("ip=10.0.0.2::10.0.0.1:255.255.255.0:k:eth1:none\n", 3)]
    [InlineData("ifname=eth1:52:54:00:00:00:02\n", 3)]
    [InlineData("rd.neednet=0\n", 0)]
    public void A_network_card_that_the_image_brings_up_counts_beside_a_disk_target(string line, int counted)
    {
        Target().Device("0000:00:06.0", 0x020000, "e1000e", "e1000e", 5, 3, 3, "pci:v00008086d000010D3").Interface("eth1", "0000:00:06.0")
            .Host("sys/class/net/eth1/address", "52:54:00:00:00:02\n")
            .Module("e1000e", "pci:v00008086d000010D3*").InImage("etc/cmdline.d/40ip.conf", line);
        Assert.Equal(counted, Plan(scene.Json(Crash).Forecast, 1).GetProperty("byDevice").GetProperty("0000:00:06.0").GetInt32());
    }

    [Fact]
    public void The_embedded_forecast_is_what_the_probe_reads()
    {
        Target();
        string file = Path.Combine(scene.Folder, "embedded", "vectors");
        (int exit, _, string error) = scene.Run(Crash, withImage: true, "--embed", file, "--cpus", "1,4");
        Assert.Equal(0, exit);
        Assert.Contains("rebuild the kdump image", error, StringComparison.Ordinal);
        VectorPrediction[] read = [.. File.ReadLines(file).Select(l => ProbeReport.Read(l)).OfType<VectorPrediction>()];
        Assert.Equal(["", "0000:00:1e.0", "", "0000:00:1e.0"], read.Select(p => p.Device));
        Assert.Equal((4, 8, 8, 804), (read[2].Cpus, read[2].Likely, read[2].Shown, read[2].Available));
        Assert.Equal(("virtio_blk", 5), (read[3].Driver, read[3].Shown));
    }

    [Fact]
    public void The_text_names_consumers_order_and_advice()
    {
        Field();
        (_, string text, _) = scene.Run(Crash, withImage: true);
        Golden.Check(Repository.Path("fixtures", "trees", "host-vectors.txt"),
            text.Replace(scene.Folder, "ROOT", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("many")]
    public void Nonsense_as_cpus_ends_with_two(string cpus)
    {
        Target();
        (int exit, _, string error) = scene.Run(Crash, withImage: true, "--cpus", cpus);
        Assert.Equal(2, exit);
        Assert.Contains("--cpus", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_without_PCI_devices_cannot_be_judged()
    {
        (int exit, _, string error) = scene.Run(Crash, withImage: false);
        Assert.Equal(2, exit);
        Assert.Contains("no PCI device", error, StringComparison.Ordinal);
    }

    /// <summary>48 ports, 54 virtio cards and the target's disk behind them: the seed of this project, in the lab as shape_ports.</summary>
    private VectorScene Field() => scene.Field();

    private VectorScene Target() => scene.Target();

    private static JsonElement Plan(JsonElement forecast, int cpus) =>
        forecast.GetProperty("plans").EnumerateArray().Single(p => p.GetProperty("cpus").GetInt32() == cpus);
}
