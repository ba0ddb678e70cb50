using System.Text.Json;
using Kdump.Tests.Image;

namespace Kdump.Tests.Host;

/// <summary><c>kdt host check</c> on a machine that would leave a dump, and on the same machine with one thing wrong.</summary>
public sealed class HostCheckTests : IDisposable
{
    private readonly KdumpScene scene = new();

    public HostCheckTests()
    {
        scene.Host("usr/bin/kdumpctl", "#!/bin/bash\n");
        scene.Host("sys/kernel/uevent_seqnum", "1234\n");
        scene.Host("sys/kernel/kexec_crash_loaded", "1\n");
        scene.Host("etc/systemd/system/multi-user.target.wants/kdump.service", "");
        scene.Host("proc/sys/kernel/panic_on_oops", "1\n");
        scene.Host("proc/sys/kernel/softlockup_panic", "0\n");
        scene.Host("proc/sys/kernel/kexec_load_disabled", "0\n");
        scene.Host("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
        scene.Host("sys/module/kernel/parameters/crash_kexec_post_notifiers", "N\n");
        scene.Host("boot/vmlinuz-" + KdumpScene.Release, "MZ");
        scene.Host("boot/config-" + KdumpScene.Release,
            "CONFIG_KEXEC_CORE=y\nCONFIG_CRASH_DUMP=y\nCONFIG_PROC_VMCORE=y\nCONFIG_BLK_DEV_INITRD=y\n");
    }

    [Fact]
    public void A_healthy_machine_gets_no_finding_above_info()
    {
        (int exit, string[] findings, JsonElement json) = scene.HostCheck();
        Assert.Empty(findings);
        Assert.Equal(0, exit);
        Assert.Empty(json.GetProperty("verdict").GetProperty("unknowns").EnumerateArray());
        Assert.True(json.GetProperty("loaded").GetBoolean());
        Assert.Equal("kdump-utils", json.GetProperty("tools").GetString());
        Assert.Equal(256L << 20, json.GetProperty("reservedBytes").GetInt64());
        Assert.EndsWith("kdump.img", json.GetProperty("image").GetString());
        Assert.Equal("1", json.GetProperty("sysctl").GetProperty("kernel.panic_on_oops").GetString());
    }

    [Fact]
    public void Events_that_policy_lets_pass_are_said_and_not_complained_about()
    {
        string[] findings = scene.HostCheck(info: true).Findings;
        Assert.Contains("events-without-dump", findings);
    }

    [Fact]
    public void Without_a_reservation_nothing_is_loaded_and_the_chain_says_so()
    {
        scene.Host("sys/kernel/kexec_crash_size", "0\n");
        scene.Host("sys/kernel/kexec_crash_loaded", "0\n");
        scene.Host("proc/cmdline", "root=/dev/vda1 ro quiet\n");
        (int exit, string[] findings, JsonElement json) = scene.HostCheck();
        Assert.Equal(1, exit);
        Assert.Equal(["crash-kernel-not-loaded", "crashkernel-not-reserved"], findings);
        JsonElement verdict = json.GetProperty("verdict");
        Assert.Equal("no memory is reserved for a crash kernel -> no crash kernel is loaded", verdict.GetProperty("headline").GetString());
    }

    [Fact]
    public void A_reservation_that_waits_for_a_reboot_is_told_from_one_that_was_never_asked_for()
    {
        scene.Host("sys/kernel/kexec_crash_size", "0\n");
        scene.Host("proc/cmdline", "root=/dev/vda1 ro quiet\n");
        scene.Host("etc/default/grub", "# crashkernel=1M\nGRUB_CMDLINE_LINUX=\"quiet crashkernel=512M\"\n");
        JsonElement finding = Finding(scene.HostCheck().Document, "crashkernel-not-reserved");
        Assert.Contains("crashkernel=512M, so only a reboot is missing", finding.GetProperty("why").GetString());
        Assert.Equal(2, finding.GetProperty("evidence").EnumerateArray().Last().GetProperty("line").GetInt32());
    }

    [Fact]
    public void Crashkernel_auto_is_named_as_what_it_is()
    {
        scene.Host("sys/kernel/kexec_crash_size", "0\n");
        scene.Host("proc/cmdline", "root=/dev/vda1 crashkernel=auto\n");
        Assert.Contains("RHEL 6 to 8", Finding(scene.HostCheck().Document, "crashkernel-not-reserved").GetProperty("why").GetString());
    }

    [Fact]
    public void A_loaded_crash_kernel_whose_service_is_off_is_a_matter_of_the_next_boot()
    {
        scene.HostFiles.Remove("etc/systemd/system/multi-user.target.wants/kdump.service");
        scene.Host("etc/systemd/system/multi-user.target.wants/sshd.service", "");
        (int exit, string[] findings, JsonElement json) = scene.HostCheck();
        Assert.Equal(["kdump-service-off"], findings);
        Assert.Equal(0, exit);
        Assert.Equal("warning", Finding(json, "kdump-service-off").GetProperty("severity").GetString());
    }

    [Fact]
    public void Kdump_tools_switched_off_in_its_file_explains_why_nothing_is_loaded()
    {
        scene.HostFiles.Remove("usr/bin/kdumpctl");
        scene.HostFiles.Remove("etc/kdump.conf");
        scene.HostFiles.Remove("etc/sysconfig/kdump");
        scene.Host("etc/default/kdump-tools", "USE_KDUMP=0\n");
        scene.Host("sys/kernel/kexec_crash_loaded", "0\n");
        (_, string[] findings, JsonElement json) = scene.HostCheck("var/lib/kdump/initrd.img-" + KdumpScene.Release);
        Assert.Contains("kdump-service-off", findings);
        Assert.Equal("kdump-service-off", Finding(json, "crash-kernel-not-loaded").GetProperty("causedBy")[0].GetString());
    }

    [Fact]
    public void An_image_for_another_kernel_only_is_a_missing_image()
    {
        scene.Host("sys/kernel/kexec_crash_loaded", "0\n");
        (_, string[] findings, JsonElement json) = scene.HostCheck("boot/initramfs-6.1.0-olderkdump.img");
        Assert.Equal(["crash-kernel-not-loaded", "kdump-image-missing"], findings);
        Assert.Contains("initramfs-6.1.0-olderkdump.img", Finding(json, "kdump-image-missing").GetProperty("why").GetString());
    }

    [Fact]
    public void A_collection_lists_the_image_without_holding_it_and_that_is_no_missing_image()
    {
        scene.Host("listing.tsv", $"file\t34000000\t2026-01-01T00:00:00Z\t/boot/initramfs-{KdumpScene.Release}kdump.img\n");
        (int exit, string[] findings, JsonElement json) = scene.HostCheck(imagePath: null);
        Assert.Empty(findings);
        Assert.Equal(0, exit);
        Assert.Contains("it is not in the collection",
            json.GetProperty("verdict").GetProperty("unknowns")[0].GetProperty("question").GetString());
    }

    [Fact]
    public void A_collection_whose_list_lacks_the_image_shows_that_it_is_missing()
    {
        scene.Host("listing.tsv",
            $"file\t9\t2026-01-01T00:00:00Z\t/boot/vmlinuz-" +
                $"{KdumpScene.Release}\nfile\t9\t2026-01-01T00:00:00Z\t/boot/initramfs-6.0kdump.img\n");
        JsonElement json = scene.HostCheck(imagePath: null).Document;
        Assert.Contains("/boot/initramfs-6.0kdump.img", Finding(json, "kdump-image-missing").GetProperty("why").GetString());
    }

    [Fact]
    public void A_tree_without_the_boot_folder_leaves_the_image_open()
    {
        scene.HostFiles.Remove("boot/vmlinuz-" + KdumpScene.Release);
        (_, string[] findings, JsonElement json) = scene.HostCheck(imagePath: null);
        Assert.Empty(findings);
        Assert.Single(json.GetProperty("verdict").GetProperty("unknowns").EnumerateArray());
    }

    [Fact]
    public void A_fault_inside_the_image_is_found_by_the_check_of_the_machine()
    {
        scene.Files.Remove(KdumpScene.At("drivers/block/virtio_blk.ko"));
        Assert.Contains("driver-missing-in-image", scene.HostCheck().Findings);
    }

    [Fact]
    public void A_port_of_the_kernel_itself_on_the_way_to_the_target_is_not_missed_in_the_image()
    {
        scene.Host("sys/module/pcieportdrv/drivers/x", "");
        scene.HostLink("sys/devices/pci0000:00/driver", "../../bus/pci/drivers/pcieport");
        scene.HostLink("sys/bus/pci/drivers/pcieport/module", "../../../../module/pcieportdrv");
        Assert.Empty(scene.HostCheck().Findings);
    }

    [Fact]
    public void A_watchdog_of_the_kernel_itself_needs_no_module_in_the_image()
    {
        // 6.12 links drivers that are built in to a folder of /sys/module, too; only what was loaded has a state there.
        scene.Host("sys/class/watchdog/watchdog0/state", "active\n");
        scene.Host("sys/module/iTCO_wdt/parameters/nowayout", "N\n");
        scene.HostLink("sys/class/watchdog/watchdog0/device/driver/module", "/sys/module/iTCO_wdt");
        Assert.Empty(scene.HostCheck().Findings);
    }

    [Theory]
    [InlineData("iTCO_wdt", "active", true)]
    [InlineData("iTCO_wdt", "inactive", false)]
    [InlineData("virtio_blk", "active", false)]
    public void A_running_watchdog_without_its_driver_in_the_image_will_cut_the_dump_short(string module, string state, bool found)
    {
        scene.Host("sys/class/watchdog/watchdog0/state", state + "\n");
        scene.Host("sys/class/watchdog/watchdog0/identity", "a timer\n");
        scene.Host("sys/class/watchdog/watchdog0/timeout", "30\n");
        scene.Host($"sys/module/{module}/initstate", "live\n");
        scene.HostLink("sys/class/watchdog/watchdog0/device/driver/module", "/sys/module/" + module);
        Assert.Equal(found ? ["watchdog-reset"] : [], scene.HostCheck().Findings);
    }

    [Fact]
    public void The_software_watchdog_dies_with_the_kernel_and_harms_no_dump()
    {
        scene.Host("sys/class/watchdog/watchdog0/state", "active\n");
        scene.Host("sys/class/watchdog/watchdog0/identity", "Software Watchdog\n");
        scene.Host("sys/module/softdog/refcnt", "1\n");
        scene.HostLink("sys/class/watchdog/watchdog0/device/driver/module", "/sys/module/softdog");
        Assert.Empty(scene.HostCheck().Findings);
    }

    [Fact]
    public void Kexec_switched_off_for_good_is_the_cause_of_an_unloaded_crash_kernel()
    {
        scene.Host("sys/kernel/kexec_crash_loaded", "0\n");
        scene.Host("proc/sys/kernel/kexec_load_disabled", "1\n");
        (_, string[] findings, JsonElement json) = scene.HostCheck();
        Assert.Equal(["crash-kernel-not-loaded", "kexec-load-rejected"], findings);
        Assert.StartsWith("loading a crash kernel is switched off", json.GetProperty("verdict").GetProperty("headline").GetString());
    }

    [Fact]
    public void Kexec_switched_off_after_loading_is_how_it_should_be()
    {
        scene.Host("proc/sys/kernel/kexec_load_disabled", "1\n");
        Assert.Empty(scene.HostCheck().Findings);
    }

    [Theory]
    [InlineData("-s", false)]
    [InlineData("-a -l", false)]
    [InlineData("-c", true)]
    public void Lockdown_refuses_the_old_system_call(string arguments, bool refused)
    {
        scene.Host("sys/kernel/kexec_crash_loaded", "0\n");
        scene.Host("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
        scene.HostFiles["etc/sysconfig/kdump"] += $"KEXEC_ARGS=\"{arguments}\"\n";
        Assert.Equal(refused, scene.HostCheck().Findings.Contains("kexec-load-rejected"));
    }

    [Fact]
    public void An_oops_that_makes_no_dump_is_a_warning()
    {
        scene.Host("proc/sys/kernel/panic_on_oops", "0\n");
        (int exit, string[] findings, _) = scene.HostCheck();
        Assert.Equal(["oops-makes-no-dump"], findings);
        Assert.Equal(0, exit);
    }

    [Fact]
    public void A_target_behind_luks_is_found_by_the_way_to_it()
    {
        const string dm = "sys/devices/virtual/block/dm-0";
        scene.HostLinks.Remove("dev/disk/by-uuid/0b9a2f4e-1111-2222-3333-444455556666");
        scene.HostLink("dev/disk/by-uuid/0b9a2f4e-1111-2222-3333-444455556666", "../../dm-0");
        scene.HostLink("sys/class/block/dm-0", "../../devices/virtual/block/dm-0");
        scene.Host(dm + "/dev", "254:0\n");
        scene.Host(dm + "/dm/uuid", "CRYPT-LUKS2-0123-luks-root\n");
        scene.Host(dm + "/dm/name", "luks-root\n");
        scene.HostLink(dm + "/slaves/vda1", "../../../../pci0000:00/0000:00:04.0/virtio1/block/vda/vda1");
        JsonElement finding = Finding(scene.HostCheck().Document, "dump-target-encrypted");
        Assert.Equal("luks-root", finding.GetProperty("title").GetString()!.Split(' ')[^1]);
    }

    [Fact]
    public void Pluggable_memory_without_anybody_who_loads_again_makes_the_header_stale()
    {
        scene.Host("sys/bus/acpi/devices/PNP0C80:00/hid", "PNP0C80\n");
        Assert.Equal(["dump-header-goes-stale"], scene.HostCheck().Findings);
    }

    [Theory]
    [InlineData("usr/lib/udev/rules.d/98-kexec.rules", "SUBSYSTEM==\"memory\"\n")]
    [InlineData("sys/devices/system/memory/crash_hotplug", "1\n")]
    public void A_udev_rule_or_the_kernel_itself_keeps_the_header_fresh(string path, string content)
    {
        scene.Host("sys/bus/acpi/devices/PNP0C80:00/hid", "PNP0C80\n");
        scene.Host("sys/devices/system/cpu/crash_hotplug", "1\n");
        scene.Host(path, content);
        Assert.Empty(scene.HostCheck().Findings);
    }

    [Fact]
    public void Notifiers_that_run_first_are_told()
    {
        scene.Host("sys/module/kernel/parameters/crash_kexec_post_notifiers", "Y\n");
        Assert.Contains("notifiers-run-before-dump", scene.HostCheck(info: true).Findings);
    }

    [Fact]
    public void A_kernel_without_kexec_is_told_by_what_its_sysfs_lacks()
    {
        scene.HostFiles.Remove("sys/kernel/kexec_crash_loaded");
        scene.HostFiles.Remove("sys/kernel/kexec_crash_size");
        scene.HostFiles.Remove("boot/config-" + KdumpScene.Release);
        (_, string[] findings, JsonElement json) = scene.HostCheck();
        Assert.Equal(["kernel-config-lacks-kdump"], findings);
        Assert.Empty(json.GetProperty("verdict").GetProperty("unknowns").EnumerateArray());
    }

    [Fact]
    public void A_collection_without_the_files_leaves_it_open()
    {
        scene.HostFiles.Remove("sys/kernel/kexec_crash_loaded");
        scene.HostFiles.Remove("sys/kernel/kexec_crash_size");
        scene.HostFiles.Remove("sys/kernel/uevent_seqnum");
        (int exit, string[] findings, JsonElement json) = scene.HostCheck();
        Assert.Empty(findings);
        Assert.Equal(0, exit);
        Assert.Equal(2, json.GetProperty("verdict").GetProperty("unknowns").GetArrayLength());
    }

    [Fact]
    public void A_torn_image_is_a_complaint_and_not_the_end()
    {
        scene.Pack = bytes => bytes[..64];
        Assert.NotEmpty(scene.HostCheck().Findings);
    }

    public void Dispose() => scene.Dispose();

    private static JsonElement Finding(JsonElement document, string id) =>
        document.GetProperty("verdict").GetProperty("findings").EnumerateArray().Single(f => f.GetProperty("id").GetString() == id);
}
