using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Memory;
using Kdump.Diagnosis.Text;

namespace Kdump.Tests.Host;

/// <summary>What a crash kernel needs: two peaks, bounds that are kept, and what the tools of the distributions would reserve.</summary>
public sealed class HostMemoryTests
{
    private const long Mb = 1 << 20;

    private static MemoryInputs Inputs => new()
    {
        Kernel = MemoryRange.Exactly(30 * Mb), KernelReason = "", Packed = MemoryRange.Exactly(20 * Mb),
        Unpacked = MemoryRange.Exactly(40 * Mb), HasImage = true, BytesPerCpu = Mb, Ram = 16L << 30,
    };

    [Fact]
    public void A_tmpfs_root_of_half_the_memory_makes_unpacking_the_peak()
    {
        var half = new MemoryForecast(Inputs);
        var whole = new MemoryForecast(Inputs with { RootPercent = 100 });
        Assert.Equal(half.Unpacking.Likely, half.Needed.Likely);
        Assert.True(half.Needed.Likely > whole.Needed.Likely);
        // Kernel and its runtime, the packed image, and twice the unpacked one, page structs on top.
        Assert.InRange(half.Unpacking.Likely, (30 + 18 + 20 + 80) * Mb, (30 + 18 + 20 + 80) * Mb * 105 / 100);
    }

    [Fact]
    public void A_small_image_leaves_the_programs_as_the_peak()
    {
        var small = new MemoryForecast(Inputs with { Packed = MemoryRange.Exactly(2 * Mb), Unpacked = MemoryRange.Exactly(5 * Mb) });
        Assert.True(small.Needed.Likely > small.Unpacking.Likely);
    }

    [Fact]
    public void Enough_is_said_above_the_upper_bound_only_and_too_little_below_the_lower()
    {
        var forecast = new MemoryForecast(Inputs);
        Assert.True(forecast.Enough(forecast.Needed.High));
        Assert.Null(forecast.Enough(forecast.Needed.High - 1));
        Assert.Null(forecast.Enough(forecast.Needed.Low));
        Assert.False(forecast.Enough(forecast.Needed.Low - 1));
    }

    [Fact]
    public void More_of_anything_never_needs_less()
    {
        MemoryRange before = new MemoryForecast(Inputs with { RootPercent = 100 }).Needed;
        foreach (MemoryInputs more in new[]
        {
            Inputs with { Cpus = 64 }, Inputs with { Modules = 90 * Mb }, Inputs with { Drivers = [("mlx5_core", 2, false)] },
            Inputs with { Network = true }, Inputs with { Encrypted = true }, Inputs with { MemoryEncryption = true },
            Inputs with { Ram = 8L << 40 }, Inputs with { Packed = MemoryRange.Exactly(200 * Mb) },
        })
        {
            MemoryRange after = new MemoryForecast(more with { RootPercent = 100 }).Needed;
            Assert.True(after.Low >= before.Low && after.Likely >= before.Likely && after.High > before.High, $"{more}");
        }
    }

    [Theory]
    [InlineData("256M", 16, 256)]
    [InlineData("2G-64G:256M,64G-:512M", 1, 0)]
    [InlineData("2G-64G:256M,64G-:512M", 16, 256)]
    [InlineData("2G-64G:256M,64G-:512M", 64, 512)]
    [InlineData("384M-:128M@16M", 16, 128)]
    [InlineData("1G,high", 16, 1024)]
    public void Ranges_of_crashkernel_are_read_as_the_kernel_reads_them(string value, int gigabytes, int megabytes) =>
        Assert.Equal(megabytes * Mb, CrashkernelSize.Of(value, (long)gigabytes << 30));

    [Theory]
    [InlineData("auto")]
    [InlineData("2G-:x")]
    [InlineData("a-b:256M")]
    [InlineData("")]
    [InlineData("99999999999999999999M")]
    public void What_is_no_size_gives_none(string value) => Assert.Null(CrashkernelSize.Of(value, 1L << 34));

    [Fact]
    public void A_machine_gets_items_that_add_up_and_what_others_would_reserve()
    {
        using var form = new HostForm("rhel9");
        JsonElement json = Memory(form);
        Assert.Equal(256 * Mb, json.GetProperty("reservedBytes").GetInt64());
        JsonElement needed = json.GetProperty("neededBytes");
        Assert.InRange(needed.GetProperty("likely").GetInt64(), needed.GetProperty("low").GetInt64(),
            needed.GetProperty("high").GetInt64());
        Assert.Contains(json.GetProperty("others").EnumerateArray(), o => o.GetProperty("bytes").GetInt64() == 256 * Mb);
        Assert.Contains(json.GetProperty("items").EnumerateArray(), i => i.GetProperty("name").GetString() == "image, packed");
    }

    [Fact]
    public void Sixteen_megabytes_boot_nothing()
    {
        using var form = new HostForm("rhel9");
        form.Files["sys/kernel/kexec_crash_size"] = $"{16 * Mb}\n";
        (int exit, string[] findings, JsonElement document) = form.Check();
        Assert.Equal(["crashkernel-too-small"], findings);
        Assert.Equal(1, exit);
        Assert.Equal("critical", document.GetProperty("verdict").GetProperty("findings")[0].GetProperty("severity").GetString());
    }

    [Fact]
    public void A_driver_that_the_target_does_not_need_is_named_with_its_cost()
    {
        using var form = new HostForm("rhel9");
        form.Links["sys/bus/pci/devices/0000:00:09.0/driver"] = "../../../../bus/pci/drivers/mlx5_core";
        form.Links["sys/bus/pci/drivers/mlx5_core/module"] = "../../../../module/mlx5_core";
        form.Files["sys/module/mlx5_core/initstate"] = "live\n";
        form.Files["sys/bus/pci/devices/0000:00:09.0/class"] = "0x020000\n";
        form.Module("drivers/net/mlx5_core.ko");
        JsonElement item = Assert.Single(Memory(form).GetProperty("items").EnumerateArray(),
            i => i.TryGetProperty("leaveOut", out JsonElement m) && m.GetString() == "mlx5_core");
        Assert.Equal(130 * Mb, item.GetProperty("likelyBytes").GetInt64());
    }

    [Fact]
    public void The_page_of_the_check_has_the_tree_of_devices_that_sysfs_shows()
    {
        using var form = new HostForm("rhel9");
        form.Files["sys/bus/pci/devices/0000:00:1c.0/class"] = "0x060400\n";
        form.Files["sys/bus/pci/devices/0000:00:1c.0/secondary_bus_number"] = "9\n";
        form.Files["sys/bus/pci/devices/0000:09:00.0/class"] = "0x020000\n";
        string page = form.Run(out _, "-o", "-");
        Assert.Contains("PCI tree", page, StringComparison.Ordinal);
        Assert.Contains("<li class=\"d0\">0000:00:1c.0 PCI bridge", page, StringComparison.Ordinal);
        Assert.Contains("<li class=\"d1\">0000:09:00.0 network card", page, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_terminal_of_eighty_columns_no_row_is_wider()
    {
        using var form = new HostForm("rhel9");
        var output = new StringWriter { NewLine = "\n" };
        Kdt.Run(["host", "memory", "--root", form.LayOut()], output, TextWriter.Null, () => Stream.Null,
            Terminal.Plain with { Width = 80, Columns = 80, Screen = true });
        // Commands and evidence are quotations.
        Assert.All(output.ToString().Split('\n').Where(l => !l.Contains("$ ", StringComparison.Ordinal) && !l.Contains("| ",
            StringComparison.Ordinal)), l => Assert.True(l.Length <= 80, l));
        Assert.Contains("  kernel: slabs", output.ToString(), StringComparison.Ordinal);
    }

    private static JsonElement Memory(HostForm form)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int exit = Kdt.Run(["host", "memory", "--root", form.LayOut(), "--json"], output, error, () => Stream.Null, Terminal.Plain);
        Assert.True(exit != ExitCode.Failed, error.ToString());
        return JsonDocument.Parse(output.ToString()).RootElement;
    }
}
