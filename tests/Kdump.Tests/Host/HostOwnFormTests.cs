using System.Text.Json;
using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Tests.Formats.Archives;
using Kdump.Tests.Image;

namespace Kdump.Tests.Host;

/// <summary>What machines have in forms of their own: firmware dumps, split reservations, other boot loaders, other kernels, other
/// disks.</summary>
public sealed class HostOwnFormTests
{
    /// <summary>arch/powerpc/kernel/fadump.c: nothing is loaded, and kexec_crash_size is 0.</summary>
    [Theory]
    [InlineData("rhel9", "sys/kernel/fadump/", "enabled", "boot/initramfs-{0}.img")]
    [InlineData("rhel8", "sys/kernel/fadump_", "enabled", "boot/initramfs-{0}.img")]
    [InlineData("leap", "sys/kernel/fadump/", "enabled", "boot/initrd-{0}")]
    public void A_machine_that_dumps_by_its_firmware_is_left_alone(string on, string at, string name, string image)
    {
        using var form = new HostForm(on);
        form.Files["sys/kernel/kexec_crash_size"] = form.Files["sys/kernel/kexec_crash_loaded"] = "0\n";
        form.Files[at + name] = form.Files[at + "registered"] = "1\n";
        form.Files[at + "mem_reserved"] = "805306368\n";
        form.Files["proc/iomem"] = "00000000-3ffffffff : System RAM\n";
        form.Files["proc/cmdline"] = form.Files["proc/cmdline"].TrimEnd() + " fadump=on\n";
        form.Script("fadumproot/usr/bin/kdump.sh");
        form.Image.Remove("usr/bin/kdump.sh");
        form.Image.Remove("kdump/kdump-save");
        form.ImagePath = image.Replace("{0}", form.Release);
        Assert.Empty(form.Check().Findings);
        Assert.Contains("dumps on a panic", form.Run(out _));
        form.Files[at + "registered"] = "0\n";
        (int exit, string[] findings, _) = form.Check();
        Assert.Equal((1, "crash-kernel-not-loaded"), (exit, string.Join(' ', findings)));
    }

    /// <summary>A critical finding of the check says that no dump will be written: then the head does not promise one.</summary>
    [Theory]
    [InlineData("small")]
    [InlineData("image")]
    [InlineData("")]
    public void What_leads_to_a_dump_is_listed_only_where_one_would_be_written(string fault)
    {
        using var form = new HostForm("rhel9");
        if (fault == "small")
        {
            form.Files["sys/kernel/kexec_crash_size"] = $"{16 << 20}\n";
            form.Files["proc/iomem"] = "00000000-00000000 : System RAM\n";
        }
        if (fault == "image")
        {
            foreach (string module in form.Image.Keys.Where(k => k.StartsWith(form.Modules, StringComparison.Ordinal)).ToArray())
                form.Image.Remove(module);
        }
        string said = form.Run(out _);
        Assert.Equal(fault.Length == 0, said.Contains("dumps on a panic", StringComparison.Ordinal));
        Assert.Equal(fault.Length > 0, said.Contains("dumps on nothing, as it is: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("crashkernel=256M", 256, 256)]
    [InlineData("crashkernel=256M,high crashkernel=72M,low", 256, 328)]
    [InlineData("crashkernel=256M,high", 256, 256)]
    [InlineData("crashkernel=192M crashkernel=512M,cma", 192, 704)]
    [InlineData("crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M", 256, 256)]
    [InlineData("crashkernel=256M@64M", 256, 256)]
    public void All_ranges_of_a_reservation_count(string option, int main, int whole)
    {
        using var form = new HostForm("rhel9");
        form.Files["proc/cmdline"] = $"BOOT_IMAGE=/vmlinuz root=UUID={HostForm.Uuid} ro {option}\n";
        form.Files["proc/iomem"] = "00000000-00000000 : System RAM\n";
        form.Files["sys/kernel/kexec_crash_size"] = $"{(long)main << 20}\n";
        JsonElement document = form.Check().Document;
        Assert.Equal((long)whole << 20, document.GetProperty("reservedBytes").GetInt64());
    }

    [Theory]
    [InlineData("next_entry=0123456789abcdef-NEWER\nsaved_entry=0123456789abcdef-OWN\n", true)]
    [InlineData("saved_entry=0123456789abcdef-NEWER\n", true)]
    [InlineData("saved_entry=0123456789abcdef-OWN\n", false)]
    [InlineData("saved_entry=0\n", true)]
    [InlineData("saved_entry=1\n", false)]
    [InlineData("", true)]
    public void The_next_boot_is_the_one_that_the_boot_loader_keeps(string environment, bool newer)
    {
        using var form = new HostForm("rhel9");
        form.Files[$"boot/loader/entries/0123456789abcdef-{HostFaults.Newer(form)}.conf"] =
            $"title newer\nversion {HostFaults.Newer(form)}\nlinux /vmlinuz-{HostFaults.Newer(form)}\noptions " +
                $"root=UUID={HostForm.Uuid} ro\n";
        form.Files["boot/grub2/grubenv"] = "# GRUB Environment Block\n" + environment.Replace("NEWER", HostFaults.Newer(form))
            .Replace("OWN", form.Release);
        Assert.Equal(newer ? ["next-boot-without-dump"] : [], form.Check().Findings);
    }

    /// <summary>Entries of RHEL end with $tuned_params, and those of RHEL 8 hold $kernelopts.</summary>
    [Theory]
    [InlineData("$kernelopts $tuned_params", "kernelopts=ro crashkernel=256M\n", "", false)]
    [InlineData("$kernelopts", "kernelopts=ro\n", "", true)]
    [InlineData("ro crashkernel=256M $tuned_params", "", "", false)]
    [InlineData("ro $tuned_params", "", "", true)]
    [InlineData("ro $tuned_params", "tuned_params=crashkernel=256M\n", "", false)]
    [InlineData("ro $tuned_params", "", "set tuned_params=\"crashkernel=256M\"\n", false)]
    [InlineData("ro ${extra}", "", "set root=x\n", true)]
    [InlineData("ro $extra", "", "", false)]
    public void Variables_of_the_boot_loader_are_looked_up(string options, string environment, string menu, bool told)
    {
        using var form = new HostForm("rhel8");
        form.Files["boot/grub2/grubenv"] = "# GRUB Environment Block\n" + environment;
        if (menu.Length > 0)
            form.Files["boot/grub2/grub.cfg"] = menu;
        string entry = form.Files.Keys.Single(k => k.StartsWith("boot/loader/entries/", StringComparison.Ordinal));
        form.Files[entry] = $"title one\nversion {form.Release}\nlinux /vmlinuz-{form.Release}\noptions {options}\n";
        Assert.Equal(told ? ["next-boot-without-dump"] : [], form.Check().Findings);
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("${next_entry}", true)]
    [InlineData("1>2", false)]
    [InlineData("gnulinux-simple", false)]
    public void The_first_entry_of_a_menu_is_the_next_boot_only_where_it_is_the_default(string entry, bool told)
    {
        using var form = new HostForm("ubuntu2404");
        form.Files["boot/grub/grub.cfg"] = $"   set default=\"{entry}\"\n" + System.Text.RegularExpressions.Regex.Replace(
            form.Files["boot/grub/grub.cfg"], "crashkernel=[^ \n]*", "");
        Assert.Equal(told ? ["next-boot-without-dump"] : [], form.Check().Findings);
    }

    [Fact]
    public void A_reservation_in_two_ranges_is_given_back_whole()
    {
        using var form = new HostForm("leap");
        Assert.Contains("reserved 384 MB (crashkernel=312M,high crashkernel=72M,low)", form.Run(out _));
    }

    /// <summary>openSUSE/kdump kdump-save: a dump that leaves less than KDUMP_FREE_DISK_SIZE megabytes is deleted.</summary>
    [Theory]
    [InlineData(64, true)]
    [InlineData(0, true)]
    [InlineData(100_000, false)]
    public void A_dump_that_SUSE_would_delete_again_has_no_room(int kept, bool fine)
    {
        using var form = new HostForm("tumbleweed");
        form.Set("KDUMP_FREE_DISK_SIZE", kept.ToString(System.Globalization.CultureInfo.InvariantCulture));
        form.CopyConf();
        form.Files["df"] = "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/vda1 90000000 1 80000000 1% /\n";
        Assert.Equal(fine ? [] : ["no-space-on-target"], form.Check().Findings);
    }

    [Theory]
    [InlineData("debian13")]
    [InlineData("leap")]
    public void The_program_that_writes_the_dump_must_be_there(string on)
    {
        using var form = new HostForm(on);
        foreach (string file in form.Files.Keys.Concat(form.Binaries.Keys).Where(k => k.EndsWith("bin/makedumpfile",
            StringComparison.Ordinal)).ToArray())
        {
            form.Files.Remove(file);
            form.Binaries.Remove(file);
        }
        Assert.Contains("kdump-conf-invalid", form.Check().Findings);
    }

    /// <summary>drivers/firmware/efi/libstub/zboot-header.S: the packing is told 24 bytes from the start.</summary>
    [Theory]
    [InlineData("gzip", "2.0.28", "", true)]
    [InlineData("gzip", "2.0.27", "-s", true)]
    [InlineData("gzip", "2.0.27", "", false)]
    [InlineData("gzip", "2.0.26", "-s", false)]
    [InlineData("zstd", "2.0.30", "-s", false)]
    [InlineData("zstd", "2.0.31", "-s", true)]
    public void A_zboot_kernel_needs_the_kexec_that_unpacks_it(string packing, string version, string arguments, bool fine)
    {
        using var form = new HostForm("rhel10");
        form.Set("KEXEC_ARGS", $"\"{arguments}\"");
        form.Binaries["boot/vmlinuz-" + form.Release] = KernelFileBuilder.Zboot(KernelFileBuilder.X8664, packing, [0]);
        form.Files["usr/sbin/kexec"] = $"kexec-tools {version}\n";
        Assert.Equal(fine ? [] : ["dump-tool-too-old"], form.Check().Findings);
    }

    [Theory]
    [InlineData("rhel10", "boot/efi/loader/entries/0123456789abcdef0123456789abcdef-RELEASE.conf",
        "/0123456789abcdef0123456789abcdef/RELEASE/linux")]
    [InlineData("leap", "boot/efi/loader/entries/opensuse-leap-RELEASE-1.conf", "/opensuse-leap/RELEASE/linux-0123456789abcdef")]
    [InlineData("debian13", "efi/loader/entries/0123456789abcdef0123456789abcdef-RELEASE.conf",
        "/0123456789abcdef0123456789abcdef/RELEASE/linux")]
    public void Entries_of_systemd_boot_are_read_where_they_are(string on, string path, string linux)
    {
        using var form = new HostForm(on);
        foreach (string file in form.Files.Keys.Where(k => k.StartsWith("boot/loader/", StringComparison.Ordinal) ||
            k.StartsWith("boot/grub", StringComparison.Ordinal)).ToArray())
            form.Files.Remove(file);
        string entry = path.Replace("RELEASE", form.Release);
        form.Files[entry] = $"title one\nversion {form.Release}\nlinux {linux.Replace("RELEASE", form.Release)}\n" +
            $"options root=UUID={HostForm.Uuid}\noptions quiet crashkernel=256M\n";
        Assert.Empty(form.Check().Findings);
        form.Change(entry, " crashkernel=256M", "");
        Assert.Equal(["next-boot-without-dump"], form.Check().Findings);
    }

    [Fact]
    public void A_deployment_of_ostree_without_a_reservation_is_told_by_its_kernel()
    {
        using var form = new HostForm("coreos");
        form.Change("boot/loader/entries/ostree-2.conf", " crashkernel=300M", "");
        (_, string[] findings, JsonElement document) = form.Check();
        Assert.Equal(["next-boot-without-dump"], findings);
        Assert.Contains($"after the next boot ({form.Release})", document.ToString());
    }

    [Fact]
    public void The_image_of_the_kernel_that_the_settings_name_is_the_one()
    {
        using var form = new HostForm("rhel9");
        string old = form.Release.Replace("-503", "-427");
        form.Files["boot/vmlinuz-" + old] = "MZ\n";
        form.Set("KDUMP_KERNELVER", $"\"{old}\"");
        Assert.Equal(["kdump-image-missing"], form.Check().Findings);
        form.ImagePath = $"boot/initramfs-{old}kdump.img";
        foreach (string path in form.Image.Keys.Where(k => k.StartsWith(form.Modules, StringComparison.Ordinal) ||
            k.EndsWith("modules.builtin", StringComparison.Ordinal)).ToArray())
            form.Image.Remove(path);
        foreach (string module in (string[])["drivers/virtio/virtio.ko", "drivers/virtio/virtio_ring.ko", "drivers/virtio/virtio_pci.ko",
            "drivers/block/virtio_blk.ko", "fs/xfs/xfs.ko"])
            form.Image[$"usr/lib/modules/{old}/kernel/{module}"] = (0x81a4, ElfBuilder.Module(["license=GPL",
                $"vermagic={old} SMP mod_unload"]));
        form.Put($"usr/lib/modules/{old}/modules.builtin", "kernel/lib/builtin_thing.ko\n");
        form.Put($"usr/lib/modules/{old}/modules.dep", string.Concat(form.Image.Keys.Where(k => k.EndsWith(".ko", StringComparison.Ordinal))
            .Select(k => k[$"usr/lib/modules/{old}/".Length..] + ":\n")));
        Assert.Empty(form.Check().Findings);
    }

    [ToolTheory("zstd")]
    [InlineData("zstd", "RD_ZSTD")]
    [InlineData("gzip", "RD_GZIP")]
    [InlineData("xz", "RD_XZ")]
    public void An_image_that_the_kernel_cannot_unpack_is_told_by_its_configuration(string packer, string option)
    {
        using var form = new HostForm("rhel9") { Packer = packer };
        Assert.Empty(form.Check().Findings);
        string config = "boot/config-" + form.Release;
        form.Files[config] = form.Files[config].Replace($"CONFIG_{option}=y", $"# CONFIG_{option} is not set");
        (int exit, string[] findings, JsonElement document) = form.Check();
        Assert.Equal((1, "image-refused-by-kernel"), (exit, string.Join(' ', findings)));
        Assert.Contains("CONFIG_" + option, document.ToString());
    }

    [Theory]
    [InlineData("rhel9", "kdump.service")]
    [InlineData("leap", "kdump.service")]
    [InlineData("debian12", "kdump-tools.service")]
    public void A_unit_that_is_masked_does_not_start_and_one_of_the_vendors_does(string on, string unit)
    {
        using var form = new HostForm(on);
        string link = form.Files.Keys.Single(k => k.StartsWith("etc/systemd/system/", StringComparison.Ordinal) &&
            k.EndsWith("/" + unit, StringComparison.Ordinal));
        form.Links["etc/systemd/system/" + unit] = "/dev/null";
        Assert.Equal(["kdump-service-off"], form.Check().Findings);
        form.Links.Remove("etc/systemd/system/" + unit);
        form.Files.Remove(link);
        using var vendor = new HostForm(on);
        vendor.Files.Remove(link);
        vendor.Files["etc/systemd/system/multi-user.target.wants/sshd.service"] = "";
        vendor.Files["usr/lib/systemd/system/multi-user.target.wants/" + unit] = "";
        Assert.Empty(vendor.Check().Findings);
    }

    /// <summary>/var has a file system of its own: the dump goes there, and needs what is below it.</summary>
    [Theory]
    [InlineData("rhel9", "path /var/crash", "")]
    [InlineData("leap", "", "usr/lib/dracut/build-parameter.txt")]
    public void A_folder_for_dumps_is_followed_to_the_disk_that_it_is_on(string on, string setting, string unsaid)
    {
        using var form = new HostForm(on);
        Assert.Contains(setting, form.Files[form.Conf]);
        form.Image.Remove(unsaid);
        const string Disk = "devices/pci0000:00/0000:00:06.0/nvme/nvme0/nvme0n1";
        form.Files[$"sys/{Disk}/dev"] = "259:0\n";
        form.Links["sys/class/block/nvme0n1"] = $"../../{Disk}";
        form.Links["sys/devices/pci0000:00/0000:00:06.0/driver"] = "../../../bus/pci/drivers/nvme";
        form.Links["sys/bus/pci/drivers/nvme/module"] = "../../../../module/nvme";
        form.Files["sys/module/nvme/initstate"] = form.Files["sys/module/ext4/initstate"] = "live\n";
        form.Links["dev/disk/by-uuid/aaaaaaaa-0000-1111-2222-333344445555"] = "../../nvme0n1";
        form.Files["proc/mounts"] = string.Join('\n', form.Files["proc/mounts"].Split('\n').Where(l => !l.Contains(" /var ")))
            + "/dev/nvme0n1 /var ext4 rw,relatime 0 0\n";
        form.Files["etc/fstab"] = string.Join('\n', form.Files["etc/fstab"].Split('\n').Where(l => !l.Contains("/var ")))
            + "UUID=aaaaaaaa-0000-1111-2222-333344445555 /var ext4 defaults 0 2\n";
        (_, string[] findings, JsonElement document) = form.Check();
        Assert.Equal(["driver-missing-in-image"], findings);
        Assert.Contains("nvme", document.ToString());
        form.Module("drivers/nvme/host/nvme.ko");
        form.Module("fs/ext4/ext4.ko");
        form.Image.Remove($"usr/lib/modules/{form.Release}/modules.dep");
        Assert.Empty(form.Check().Findings);
        form.Files["df"] = "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/vda1 90000000 1 80000000 1% /\n" +
            "/dev/nvme0n1 1000 900 100 90% /var\n";
        Assert.Equal(["no-space-on-target"], form.Check().Findings);
    }

    /// <summary>kdump-tools writes into its folder from the machine's own root: the room is that of the folder.</summary>
    [Fact]
    public void The_room_for_kdump_tools_dump_is_that_of_its_folder()
    {
        using var form = new HostForm("debian13");
        form.Files["sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda2/dev"] = "252:2\n";
        form.Links["sys/class/block/vda2"] = "../../devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda2";
        form.Files["proc/mounts"] += "/dev/vda2 /srv ext4 rw,relatime 0 0\n";
        form.Files["df"] = "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/vda1 1000 900 100 90% /\n" +
            "/dev/vda2 90000000 1 80000000 1% /srv\n";
        Assert.Equal(["no-space-on-target"], form.Check().Findings);
        form.Set("KDUMP_COREDIR", "\"/srv/crash\"");
        Assert.Empty(form.Check().Findings);
    }

    /// <summary>What kdt host collect takes along decides the same elsewhere.</summary>
    [Theory]
    [InlineData("coreos", "", "")]
    [InlineData("leap", "", "")]
    [InlineData("oracle", "", "")]
    [InlineData("debian13", "", "")]
    [InlineData("leap", "mask", "kdump-service-off")]
    [InlineData("rhel9", "directive", "kdump-conf-invalid")]
    [InlineData("rhel9", "fence", "kdump-conf-invalid")]
    [InlineData("coreos", "next", "next-boot-without-dump")]
    [InlineData("rhel9", "fadump", "")]
    public void A_collection_of_a_machine_is_judged_as_the_machine(string on, string what, string id)
    {
        using var form = new HostForm(on);
        foreach (string unit in form.Files.Keys.Where(k => k.Contains(".wants/")).ToArray())
        {
            form.Files.Remove(unit);
            form.Links[unit] = "/usr/lib/systemd/system/" + Path.GetFileName(unit);
        }
        if (what == "mask")
            form.Links["etc/systemd/system/kdump.service"] = "/dev/null";
        if (what == "directive")
        {
            form.Files["usr/bin/kdumpctl"] = "path | core_collector | kdump_post | auto_reset_crashkernel)\n";
            form.Line("final_action poweroff");
        }
        if (what == "fence")
        {
            form.Files["proc/sys/kernel/hostname"] = "here\n";
            form.Line("fence_kdump_nodes here");
        }
        if (what == "next")
            form.Change("boot/loader/entries/ostree-2.conf", " crashkernel=300M", "");
        if (what == "fadump")
        {
            form.Files["sys/kernel/kexec_crash_loaded"] = form.Files["sys/kernel/kexec_crash_size"] = "0\n";
            form.Files["sys/kernel/fadump/enabled"] = form.Files["sys/kernel/fadump/registered"] = "1\n";
            form.Files["sys/kernel/fadump/mem_reserved"] = "805306368\n";
            form.ImagePath = $"boot/initramfs-{form.Release}.img";
        }
        form.CopyConf();
        string collected = Path.Combine(form.LayOut(), "..", "collected");
        var error = new StringWriter();
        Assert.True(Kdt.Run(["host", "collect", "--root", form.LayOut(), "--with-image", "-o", collected], new StringWriter(), error,
            () => Stream.Null, Terminal.Plain) is 0 or 1, error.ToString());
        var output = new StringWriter();
        Kdt.Run(["host", "check", "--root", collected, "--json"], output, error, () => Stream.Null, Terminal.Plain);
        JsonElement verdict = JsonDocument.Parse(output.ToString()).RootElement.GetProperty("verdict");
        string[] found = [.. verdict.GetProperty("findings").EnumerateArray().Where(f =>
            f.GetProperty("severity").GetString() != "info").Select(f => f.GetProperty("id").GetString()!).Distinct()];
        Assert.Equal(id.Length == 0 ? [] : [id], found);
    }

    [Theory]
    [InlineData("ID=\"openEuler\"\nVERSION_ID=\"24.03\"", "dnf install")]
    [InlineData("ID=azurelinux\nVERSION_ID=\"3.0\"", "dnf install")]
    [InlineData("ID=\"amzn\"\nID_LIKE=\"fedora\"", "dnf install")]
    [InlineData("ID=\"anolis\"\nID_LIKE=\"rhel fedora centos\"", "dnf install")]
    [InlineData("ID=\"sled\"\nID_LIKE=\"suse\"", "zypper install")]
    [InlineData("ID=linuxmint\nID_LIKE=\"ubuntu debian\"", "apt install")]
    public void A_machine_without_tools_is_told_its_own_distributions_package(string release, string command)
    {
        using var form = new HostForm("rhel9");
        foreach (string path in (string[])["usr/bin/kdumpctl", "etc/kdump.conf", "etc/sysconfig/kdump",
            "etc/systemd/system/multi-user.target.wants/kdump.service"])
            form.Files.Remove(path);
        form.Image.Clear();
        form.Files["etc/os-release"] = release + "\nPRETTY_NAME=\"A machine\"\n";
        form.Files["sys/kernel/kexec_crash_loaded"] = "0\n";
        string[] fixes = [.. form.Check().Document.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .First(f => f.GetProperty("id").GetString() == "crash-kernel-not-loaded").GetProperty("fixes").EnumerateArray()
            .Select(f => f.GetProperty("command").GetString()!)];
        Assert.Contains(command, Assert.Single(fixes));
    }

    [Theory]
    [InlineData("POWER9", "", 8L << 30, 513L << 20)]
    [InlineData("POWER10", "", 100L << 30, 2049L << 20)]
    [InlineData("POWER10", "1", 100L << 30, 2049L << 20)]
    [InlineData("POWER10", "1", 10L << 30, 769L << 20)]
    public void Kdumpctls_table_for_POWER_is_the_one_of_POWER(string cpu, string fadump, long ram, long bytes)
    {
        using var form = new HostForm("rhel9");
        form.Files["proc/cpuinfo"] = $"processor\t: 0\ncpu\t\t: {cpu} (architected), altivec supported\n";
        form.Files["proc/meminfo"] = System.Text.RegularExpressions.Regex.Replace(form.Files["proc/meminfo"], "MemTotal: *[0-9]+ kB",
            $"MemTotal: {ram >> 10} kB");
        if (fadump.Length > 0)
            form.Files["sys/kernel/fadump/enabled"] = fadump + "\n";
        string said = form.Run("memory", out _, "--json");
        Assert.Contains(JsonDocument.Parse(said).RootElement.GetProperty("others").EnumerateArray(),
            a => a.GetProperty("who").GetString()!.StartsWith("kdumpctl", StringComparison.Ordinal) && a.GetProperty("bytes").GetInt64() ==
                bytes);
    }
}
