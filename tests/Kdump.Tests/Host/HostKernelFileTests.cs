using System.Text;
using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Tests.Formats.Archives;

namespace Kdump.Tests.Host;

/// <summary>The file of the crash kernel against the machine, and what is judged of arm64's memory and interrupts.</summary>
public sealed class HostKernelFileTests
{
    private const string Id = "kernel-file-mismatch";

    private static HostForm Arm(string form = "rhel9", string hugePage = "2048")
    {
        HostForm machine = new(form);
        machine.Files["proc/cpuinfo"] = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n";
        machine.Files["proc/meminfo"] = $"MemTotal:       66000000 kB\nHugepagesize:       {hugePage} kB\n";
        machine.Binaries[Kernel(machine)] = KernelFileBuilder.Image(1);
        return machine;
    }

    private static string Kernel(HostForm form) => $"boot/vmlinuz-{form.Release}";

    private static string? Title(HostForm form, string id = Id) => form.Check().Document.GetProperty("verdict").GetProperty("findings")
        .EnumerateArray().Where(f => f.GetProperty("id").GetString() == id).Select(f =>
            f.GetProperty("title").GetString()).FirstOrDefault();

    private static string Vectors(HostForm form)
    {
        var output = new StringWriter();
        Assert.Equal(0, Kdt.Run(["host", "vectors", "--root", form.LayOut()], output, new StringWriter(), () => Stream.Null,
            Terminal.Plain));
        return output.ToString();
    }

    private static byte[] Big(params uint[] cells) => [.. cells.SelectMany(c => BitConverter.GetBytes(c).Reverse())];

    [Theory]
    [InlineData("2048", 1, null)]
    [InlineData("32768", 2, null)]
    [InlineData("524288", 3, null)]
    [InlineData("2048", 0, null)]
    [InlineData("2048", 3, "the crash kernel has pages of 64 KB, and the running kernel of 4 KB")]
    [InlineData("524288", 1, "the crash kernel has pages of 4 KB, and the running kernel of 64 KB")]
    public void Pages_of_the_crash_kernel_are_held_against_the_running_one_s(string hugePage, int pages, string? title)
    {
        using HostForm form = Arm(hugePage: hugePage);
        form.Binaries[Kernel(form)] = KernelFileBuilder.Image(pages);
        Assert.Equal(title, Title(form));
    }

    [Fact]
    public void A_default_huge_page_of_the_command_line_tells_nothing_and_the_configuration_does()
    {
        using HostForm form = Arm(hugePage: "32768");
        form.Files["proc/cmdline"] = form.Files["proc/cmdline"].TrimEnd() + " default_hugepagesz=32M\n";
        Assert.Null(Title(form));
        form.Files[$"boot/config-{form.Release}"] = "# CONFIG_ARM64_4K_PAGES is not set\nCONFIG_ARM64_64K_PAGES=y\n";
        Assert.Equal("the crash kernel has pages of 4 KB, and the running kernel of 64 KB", Title(form));
    }

    [Fact]
    public void A_kernel_of_another_architecture_is_told()
    {
        using HostForm arm = Arm(), x86 = new("rhel9");
        arm.Binaries[Kernel(arm)] = KernelFileBuilder.BzImage("5.14.0");
        Assert.Equal("the kernel's file is for x86_64, and the machine is aarch64", Title(arm));
        x86.Files["proc/cpuinfo"] = "processor\t: 0\nvendor_id\t: GenuineIntel\n";
        x86.Binaries[Kernel(x86)] = KernelFileBuilder.BzImage(x86.Release);
        Assert.Null(Title(x86));
        x86.Binaries[Kernel(x86)] = KernelFileBuilder.Image(1);
        Assert.Equal("the kernel's file is for aarch64, and the machine is x86_64", Title(x86));
    }

    [Theory]
    [InlineData("gzip", "2.0.28", false)]
    [InlineData("gzip", "2.0.26", true)]
    [InlineData("zstd22", "2.0.30", true)]
    [InlineData("zstd", "2.0.31", false)]
    public void A_zboot_kernel_is_held_against_what_kexec_unpacks(string packing, string kexec, bool refused)
    {
        using HostForm form = Arm();
        form.Binaries[Kernel(form)] = KernelFileBuilder.Zboot(KernelFileBuilder.Arm64, packing, [0]);
        form.Files.Remove("usr/sbin/kexec");
        form.Files["sbin/kexec"] = $"kexec-tools {kexec}\n";
        Assert.Equal(refused, form.Check().Document.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .Any(f => f.GetProperty("title").GetString()!.Contains("zboot form", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_initramfs_in_a_unified_kernel_image_is_checked_and_its_kernel_told()
    {
        string folder = Directory.CreateTempSubdirectory("kdt-uki").FullName;
        try
        {
            byte[] initrd = new CpioBuilder().File("init", "#!/bin/sh\n", 0x81ed)
                .File("usr/lib/modules/6.6.1/kernel/x.ko", "", 0x81a4).Trailer().ToArray();
            string path = Path.Combine(folder, "linux.efi");
            File.WriteAllBytes(path, KernelFileBuilder.Unified(KernelFileBuilder.Arm64, (".uname", "6.6.1"u8.ToArray()),
                (".cmdline", "quiet nr_cpus=1\0"u8.ToArray()), (".linux", KernelFileBuilder.Image(3)), (".initrd", initrd)));
            var output = new StringWriter();
            Kdt.Run(["image", "check", path, "--root", "none"], output, new StringWriter(), () => Stream.Null, Terminal.Plain);
            Assert.Contains("a unified kernel image for aarch64: an aarch64 kernel (Image) with pages of 64 KB, 6.6.1; command line " +
                "'quiet nr_cpus=1'; sections .uname .cmdline .linux .initrd", output.ToString(), StringComparison.Ordinal);
            var json = new StringWriter();
            Kdt.Run(["image", "check", path, "--root", "none", "--json"], json, new StringWriter(), () => Stream.Null, Terminal.Plain);
            JsonElement kernel = JsonDocument.Parse(json.ToString()).RootElement.GetProperty("unifiedKernel");
            Assert.Equal(65536, kernel.GetProperty("pageSize").GetInt32());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("crashkernel=512M,high crashkernel=128M,low", "5.10.0-9-arm64", "know crashkernel=…,high from Linux 6.0 on")]
    [InlineData("crashkernel=128M,low", "6.8.0-1021-aws", "alone it reserves nothing")]
    [InlineData("crashkernel=512M,high", "6.8.0-1021-aws", "found no free range")]
    [InlineData("crashkernel=512M crashkernel=128M,low", "5.10.0-9-arm64", "found no free range")]
    public void What_a_kernel_makes_of_high_and_low_is_told(string words, string release, string why)
    {
        using HostForm form = Arm("ubuntu2404");
        form.Files["proc/sys/kernel/osrelease"] = release + "\n";
        form.Files["proc/cmdline"] = $"BOOT_IMAGE=/vmlinuz root=/dev/vda {words}\n";
        form.Files["sys/kernel/kexec_crash_size"] = "0\n";
        JsonElement finding = form.Check().Document.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .First(f => f.GetProperty("id").GetString() == "crashkernel-not-reserved");
        Assert.Contains(why, finding.GetProperty("why").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Both_ranges_of_a_reservation_count()
    {
        using HostForm form = Arm();
        form.Files["sys/kernel/kexec_crash_size"] = "268435456\n";
        form.Files["proc/iomem"] = "40000000-bfffffff : System RAM\n  b0000000-b7ffffff : Crash kernel\n" +
            "100000000-1ffffffff : System RAM\n  1e0000000-1efffffff : Crash kernel\n";
        var output = new StringWriter();
        Kdt.Run(["host", "memory", "--root", form.LayOut(), "--json"], output, new StringWriter(), () => Stream.Null, Terminal.Plain);
        Assert.Equal(384L << 20, JsonDocument.Parse(output.ToString()).RootElement.GetProperty("reservedBytes").GetInt64());
    }

    [Theory]
    [InlineData("5.14.0-503.el9.aarch64", false, false, "2G-4G:256M,4G-64G:320M,64G-:576M")]
    [InlineData("5.14.0-503.el9.aarch64", true, true, "2G-4G:256M,4G-64G:470M,64G-:726M, of that 150M for mlx5_core")]
    [InlineData("5.14.0-503.el9.aarch64+64k", false, false, "2G-4G:256M,4G-64G:420M,64G-:676M, of that 100M for pages of 64 KB")]
    [InlineData("5.14.0-503.el9.aarch64+64k", true, true, "2G-4G:256M,4G-64G:1004M,64G-:1260M, of that 100M for pages of 64 KB, 384M for " +
        "the queues of an SMMU, 200M for mlx5_core")]
    public void The_tables_of_kdump_utils_for_arm64_are_all_known(string release, bool mlx5, bool smmu, string says)
    {
        using HostForm form = Arm("rhel9");
        form.Files["proc/sys/kernel/osrelease"] = release + "\n";
        if (mlx5)
            form.Files["sys/bus/pci/drivers/mlx5_core/bind"] = "";
        if (smmu)
            form.Files["sys/devices/platform/arm-smmu-v3.0.auto/uevent"] = "";
        var output = new StringWriter();
        Kdt.Run(["host", "memory", "--root", form.LayOut()], output, new StringWriter(), () => Stream.Null, Terminal.Plain);
        Assert.Contains(says, string.Join(' ', output.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-s --dtb=/boot/board.dtb", "beside -s")]
    [InlineData("--dtb=/boot/other.dtb", "which is not there")]
    [InlineData("--dtb=/boot/board.dtb", null)]
    public void A_device_tree_of_its_own_is_held_against_how_kexec_loads(string arguments, string? says)
    {
        using HostForm form = Arm("rhel9");
        form.Files["bin/sh"] = form.Files["etc/os-release"] = "ID=rhel\nVERSION_ID=9\n";
        form.Files["boot/board.dtb"] = "dtb";
        form.Set("KEXEC_ARGS", $"\"{arguments}\"");
        string text = form.Run(out _, "-v");
        Assert.Equal(says is not null, text.Contains("device tree", StringComparison.Ordinal));
        if (says is not null)
            Assert.Contains(says, string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
                StringComparison.Ordinal);
    }

    [Fact]
    public void Message_interrupts_are_told_by_the_device_tree()
    {
        using HostForm form = Arm("ubuntu2404");
        const string At = "sys/firmware/devicetree/base/";
        form.Binaries[At + "intc@8000000/its@8080000/compatible"] = Encoding.ASCII.GetBytes("arm,gic-v3-its\0");
        form.Binaries[At + "intc@8000000/its@8080000/msi-controller"] = [];
        Assert.Contains("Message interrupts are LPIs of the GIC's ITS, at least 8192", Vectors(form), StringComparison.Ordinal);
        form.Binaries.Clear();
        form.Binaries[At + "intc@8000000/v2m@8020000/compatible"] = Encoding.ASCII.GetBytes("arm,gic-v2m-frame\0");
        form.Binaries[At + "intc@8000000/v2m@8020000/arm,msi-base-spi"] = Big(80);
        form.Binaries[At + "intc@8000000/v2m@8020000/arm,msi-num-spis"] = Big(64);
        form.Files["proc/interrupts"] = "           CPU0\n 20:  1  GICv2m-PCI-MSIX-0000:00:04.0   0 Edge      nvme0q0\n";
        Assert.Contains("1 message interrupt of a GICv2m frame, which has 64", Vectors(form), StringComparison.Ordinal);
    }

    [Fact]
    public void Message_interrupts_are_told_by_ACPI_and_the_kernel_s_log()
    {
        using HostForm form = Arm("ubuntu2404");
        var madt = new byte[44 + 40];
        foreach (int at in new[] { 44, 64 })
        {
            madt[at] = 0x0f;
            madt[at + 1] = 20;
        }
        form.Binaries["sys/firmware/acpi/tables/APIC"] = madt;
        form.Files["proc/interrupts"] = "           CPU0\n 20:  1  ITS-PCI-MSIX-0000:00:04.0   0 Edge      nvme0q0\n";
        form.Files["dmesg.txt"] = """
            [    0.000000] ITS: Using hypervisor restricted LPI range [2048]
            [    0.000000] ITS@0x0000000008080000: allocated 8192 Devices @42a20000 (indirect, esz 8, psz 64K, shr 1)
            [    0.000000] ITS@0x0000000008080000: allocated 524288 Interrupt Collections @42a30000 (flat, esz 8, psz 64K, shr 1)
            [    0.000000] GICv3: using LPI property table @0x0000000042a40000
            """;
        string says = Vectors(form);
        Assert.Contains("LPIs of the GIC's 2 ITSs), of 2048 that the hypervisor leaves", says, StringComparison.Ordinal);
        Assert.Contains("4160 KB by the running kernel's log, flat ones in one piece", says, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_of_a_machine_by_device_tree_is_read_where_meminfo_is_not()
    {
        using HostForm form = Arm("rhel9");
        form.Files.Remove("proc/meminfo");
        const string At = "sys/firmware/devicetree/base/";
        form.Binaries[At + "#address-cells"] = Big(2);
        form.Binaries[At + "#size-cells"] = Big(2);
        form.Binaries[At + "memory@40000000/reg"] = Big(0, 0x4000_0000, 0x10, 0);
        var output = new StringWriter();
        Kdt.Run(["host", "memory", "--root", form.LayOut()], output, new StringWriter(), () => Stream.Null, Terminal.Plain);
        Assert.Contains("for 64 GB", output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Each file of the image takes whole pages of the memory that it is unpacked into.</summary>
    [Fact]
    public void With_pages_of_64_KB_the_files_of_an_image_take_more_memory()
    {
        long Unpacked(string hugePage)
        {
            using HostForm form = Arm(hugePage: hugePage);
            var output = new StringWriter();
            Kdt.Run(["host", "memory", "--root", form.LayOut(), "--json"], output, new StringWriter(), () => Stream.Null, Terminal.Plain);
            return JsonDocument.Parse(output.ToString()).RootElement.GetProperty("items").EnumerateArray()
                .First(i => i.GetProperty("name").GetString() == "image, unpacked").GetProperty("likelyBytes").GetInt64();
        }

        long small = Unpacked("2048"), large = Unpacked("524288");
        Assert.Equal(0, large % 65536);
        Assert.True(large > 4 * small, $"{small} {large}");
    }
}
