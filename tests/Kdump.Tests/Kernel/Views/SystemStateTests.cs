using System.IO.Compression;
using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

public sealed class SystemStateTests
{
    private readonly KernelBuilder kernel = new();

    [Fact]
    public void Load_command_line_and_memory_are_the_kernel_s_own()
    {
        VirtualAddress load = kernel.Data("avenrun", 24), text = kernel.Memory.Allocate(64);
        kernel.Memory.U64(load, 2048 + 1024).U64(load + 8, 2048).U64(load + 16, 512).Text(text, "root=/dev/sda1 quiet");
        kernel.Memory.U64(kernel.Data("saved_command_line", 8), text.Value).U64(kernel.Data("_totalram_pages", 8), 100);
        using Vmcore vmcore = kernel.Open();
        SystemState system = new(vmcore);
        Assert.Equal([1.5, 1.0, 0.25], system.LoadAverage!);
        Assert.Equal(("root=/dev/sda1 quiet", 409_600L), (system.CommandLine, system.Memory));
    }

    [Fact]
    public void What_the_dump_lacks_is_null_and_costs_nothing_else()
    {
        using Vmcore vmcore = kernel.Open();
        SystemState system = new(vmcore);
        Assert.Null(system.LoadAverage);
        Assert.Null(system.CommandLine);
        Assert.Null(system.Memory);
        Assert.Null(system.Processor);
        Assert.Null(system.Taints);
        Assert.Null(system.Time.Value);
        Assert.Equal("host", system.Name.Value!.Node);
    }

    [Fact]
    public void A_kernel_s_own_configuration_is_unpacked()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Encoding.ASCII.GetBytes("CONFIG_KASAN=y\n# CONFIG_KCSAN is not set\n" + new string('#', 20_000)));
        byte[] data = [.. packed.ToArray(), .. "IKCFG_ED"u8];
        kernel.Memory.Write(kernel.Data("kernel_config_data", 16384, 4096), data);
        using Vmcore vmcore = kernel.Open();
        Assert.StartsWith("CONFIG_KASAN=y\n# CONFIG_KCSAN is not set\n", KernelConfig.Read(vmcore), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_a_configuration_says_where_it_is()
    {
        using Vmcore vmcore = kernel.Open();
        Assert.Contains("/boot/config", Assert.Throws<InputException>(() => KernelConfig.Read(vmcore)).Message, StringComparison.Ordinal);
    }
}
