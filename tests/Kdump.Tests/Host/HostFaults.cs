using Kdump.Tests.Formats.Archives;

namespace Kdump.Tests.Host;

/// <summary>Faults planted on healthy machines, by what is changed.</summary>
internal static class HostFaults
{
    private static readonly string[] Everywhere = [.. HostForm.RedHat, .. HostForm.Suse, .. HostForm.Debian],
        DumpsFromImage = [.. HostForm.RedHat, .. HostForm.Suse];

    public static readonly HostFault[] All =
        [.. RedHatConf(), .. RedHatTargets(), .. SuseConf(), .. DebianConf(), .. Machine(), .. Images(), .. Limits(), .. Networks(),
            .. HostLayers.Faults()];

    private static IEnumerable<HostFault> RedHatConf()
    {
        foreach ((string name, string line) in new[]
        {
            ("unknown directive", "failure_acton shell"), ("bad failure_action", "failure_action nothing"),
            ("bad final_action", "final_action explode"), ("no value", "fence_kdump_nodes"), ("twice", "path /var/crash"),
            ("gone directive", "net host"), ("blacklist", "blacklist nouveau"), ("ssh without host", "ssh root@"),
            ("ssh without user", "ssh server"), ("nfs without path", "nfs server"), ("unknown file system", "reiserfs /dev/vda1"),
            ("force_rebuild no number", "force_rebuild yes"), ("extra_bins without path", "extra_bins lftp"),
            ("kdump_pre not there", "kdump_pre /usr/bin/nothing.sh"), ("both rebuilds", "force_rebuild 1\nforce_no_rebuild 1"),
            ("two actions", "default reboot\nfailure_action shell"), ("two mounts", "dracut_args --mount \"a b c\" --mount \"d e f\""),
            ("two targets", $"nfs server:/x\nxfs UUID={HostForm.Uuid}"),
        })
        {
            // A program that is not there is missed in the image, too; there the copy stays as it was built.
            bool program = line.StartsWith("extra_bins", StringComparison.Ordinal) ||
                line.StartsWith("kdump_pre", StringComparison.Ordinal);
            // A target over ssh wants a flattened dump, too; lines of targets are rewritten in the image.
            bool ssh = line.StartsWith("ssh ", StringComparison.Ordinal), target = ssh || line.StartsWith("nfs ", StringComparison.Ordinal);
            yield return new($"kdump.conf: {name}", HostForm.RedHat, program ? ["image-stale", "kdump-conf-invalid"]
                : ssh ? ["core-collector-invalid", "kdump-conf-invalid"] : ["kdump-conf-invalid"],
                true, f =>
                {
                    f.Line(line);
                    if (!program && !target)
                        f.CopyConf();
                });
        }
        yield return new("core_collector option", HostForm.RedHat, ["core-collector-invalid"], true,
            f => Collector(f, "--message-level 7", "--bogus"));
        yield return new("core_collector level", HostForm.RedHat, ["core-collector-invalid"], true, f => Collector(f, "-d 31", "-d 63"));
        yield return new("core_collector flat for a file", HostForm.RedHat, ["core-collector-invalid"], true,
            f => Collector(f, "-d 31", "-d 31 -F"));
        yield return new("kernel that is not installed", HostForm.RedHat, ["kdump-conf-invalid"], true,
            f => f.Set("KDUMP_KERNELVER", "\"5.14.0-1.el9.x86_64\""));
        yield return new("no limit of CPUs", HostForm.RedHat, ["crash-kernel-takes-all-cpus"], false,
            f => f.Change("etc/sysconfig/kdump", "nr_cpus=1 ", ""));
        yield return new("no options at all", HostForm.RedHat, ["crash-kernel-takes-all-cpus"], false,
            f => f.Set("KDUMP_COMMANDLINE_APPEND", "\"\""));
        yield return new("misspelt option", HostForm.RedHat, ["kdump-conf-invalid"], false,
            f => f.Set("KDUMP_COMMANDLINE_APEND", "\"x=1\""));
        yield return new("Debian's option", HostForm.RedHat, ["kdump-conf-invalid"], false, f => f.Set("KDUMP_CMDLINE_APPEND", "\"x=1\""));
        yield return new("open quote", HostForm.RedHat, ["kdump-conf-invalid"], true,
            f => f.Files["etc/sysconfig/kdump"] += "KDUMP_BOOTDIR=\"/boot\n");
        yield return new("relative path", HostForm.RedHat, ["kdump-conf-invalid"], false,
            f =>
            {
                f.Change(f.Conf, "path /var/crash", "path var/crash");
                f.CopyConf();
            });
    }

    private static IEnumerable<HostFault> RedHatTargets()
    {
        yield return new("other file system than written", HostForm.RedHat, ["kdump-conf-invalid"], true,
            f => Target(f, $"ext4 UUID={HostForm.Uuid}"));
        yield return new("folder that is not there", HostForm.RedHat, ["kdump-conf-invalid"], true, f =>
        {
            Target(f, $"xfs UUID={HostForm.Uuid}");
            f.Change(f.Conf, "path /var/crash", "path /dumps");
            f.CopyConf();
        });
        yield return new("raw over a file system", HostForm.RedHat, ["raw-target-holds-data"], true, f =>
        {
            f.Change(f.Conf, "makedumpfile -l", "makedumpfile -F -l");
            Target(f, "raw /dev/vda1");
        });
        yield return new("no disk of that id", HostForm.RedHat, ["dump-target-wrong-id"], true,
            f => Target(f, "xfs UUID=ffffffff-0000-0000-0000-000000000000"));
        yield return new("a share that is not mounted", HostForm.RedHat, ["kdump-conf-invalid"], true, f =>
        {
            Nfs(f, "vers=4.2");
            f.Change("proc/mounts", "server.example:/dumps /mnt nfs rw,relatime,vers=4.2,hard 0 0\n", "");
            f.Files["etc/fstab"] += "server.example:/dumps /mnt nfs defaults 0 0\n";
        });
        yield return new("a partition that is not mounted", HostForm.RedHat, ["kdump-conf-invalid"], true, f =>
        {
            f.Change("proc/mounts", "/dev/vda1 / ", "/dev/vdb1 / ");
            f.Files["etc/fstab"] = f.Files["etc/fstab"].Replace(" / ", " /dumps ");
            Target(f, $"xfs UUID={HostForm.Uuid}");
        });
        yield return new("the folder's file system is not mounted", HostForm.RedHat, ["kdump-conf-invalid"], false, Unmounted);
        yield return new("image of another folder", HostForm.RedHat, ["image-target-differs"], true, f =>
        {
            Target(f, $"xfs UUID={HostForm.Uuid}");
            f.Change(f.Conf, "path /var/crash", "path /root");
        });
        yield return new("image of before a target was named", HostForm.RedHat, ["image-target-differs"], true, f =>
        {
            (uint, byte[]) old = f.Image["etc/kdump.conf"];
            Nfs(f, "vers=4.2");
            f.Image["etc/kdump.conf"] = old;
        });
        yield return new("image of another target", HostForm.RedHat, ["dump-target-wrong-id", "image-target-differs"], true, f =>
        {
            Target(f, "xfs UUID=ffffffff-0000-0000-0000-000000000000");
            f.Change(f.Conf, "xfs UUID=ffffffff-0000-0000-0000-000000000000", $"xfs UUID={HostForm.Uuid}");
        });
        yield return new("ssh needs a flat dump", HostForm.RedHat, ["core-collector-invalid"], true, f => Ssh(f, "makedumpfile -l"));
        yield return new("no ssh key", HostForm.RedHat, ["kdump-conf-invalid"], true, f =>
        {
            Ssh(f, "makedumpfile -F -l");
            f.Files.Remove("root/.ssh/kdump_id_rsa");
        });
        yield return new("host key not known", HostForm.RedHat, ["kdump-conf-invalid"], true, f =>
        {
            Ssh(f, "makedumpfile -F -l");
            f.Files["root/.ssh/known_hosts"] = "other.example ssh-ed25519 AAAA\n|1|c2FsdA==|MTIzNDU2Nzg5MDEyMzQ1Njc4OTA= ssh-rsa AAAA\n";
        });
        yield return new("no ssh in the image", HostForm.RedHat, ["configured-program-missing"], true, f =>
        {
            Ssh(f, "makedumpfile -F -l");
            f.Image.Remove("usr/bin/ssh");
        });
        yield return new("no ssh key in the image", HostForm.RedHat, ["kdump-conf-invalid"], true, f =>
        {
            Ssh(f, "makedumpfile -F -l");
            f.Image.Remove("root/.ssh/kdump_id_rsa");
        });
        yield return new("no known hosts in the image", HostForm.RedHat, ["kdump-conf-invalid"], true, f =>
        {
            Ssh(f, "makedumpfile -F -l");
            f.Image.Remove("root/.ssh/known_hosts");
        });
        yield return new("nfs 3 without its lock daemon", HostForm.RedHat, ["target-program-missing"], true, f => Nfs(f, "vers=3"));
        yield return new("no nfs in the image", HostForm.RedHat, ["driver-missing-in-image"], true, f =>
        {
            Nfs(f, "vers=4.2");
            f.Image.Remove(f.Modules + "fs/nfs/nfs.ko");
        });
    }

    private static IEnumerable<HostFault> SuseConf()
    {
        foreach ((string name, string setting, string value, bool bad) in new[]
        {
            ("no place", "KDUMP_SAVEDIR", "\"var/crash\"", true), ("unknown scheme", "KDUMP_SAVEDIR", "\"http://h/x\"", true),
            ("dump level", "KDUMP_DUMPLEVEL", "63", false), ("dump format", "KDUMP_DUMPFORMAT", "\"gzip\"", false),
            ("no boolean", "KDUMP_IMMEDIATE_REBOOT", "\"maybe\"", false), ("no number", "KDUMP_CPUS", "\"all\"", false),
            ("program not there", "KDUMP_REQUIRED_PROGRAMS", "\"/usr/bin/nothing\"", true),
            ("Debian's name", "KDUMP_COREDIR", "/var/crash", false), ("misspelt", "KDUMP_KEEP_OLD_DUMP", "3", false),
            ("two folders", "KDUMP_SAVEDIR", "\"/var/crash file:///dumps\"", false),
        })
            yield return new($"sysconfig: {name}", HostForm.Suse, name == "program not there"
                ? ["configured-program-missing", "kdump-conf-invalid"]
                : ["kdump-conf-invalid"], bad, f =>
                {
                    f.Set(setting, value);
                    f.CopyConf();
                });
        yield return new("SUSE: image of another target", HostForm.Suse, ["image-target-differs"], true,
            f => f.Set("KDUMP_SAVEDIR", "\"/root/crash\""));
        yield return new("SUSE: the folder's file system is not mounted", HostForm.Suse, ["kdump-conf-invalid"], false, Unmounted);
        yield return new("SUSE: kernel that is not installed", HostForm.Suse, ["kdump-conf-invalid"], true,
            f => f.Set("KDUMP_KERNELVER", "\"6.0.0-1-default\""));
    }

    private static IEnumerable<HostFault> DebianConf()
    {
        foreach ((string name, string setting, string value, bool bad) in new[]
        {
            ("relative folder", "KDUMP_COREDIR", "var/crash", true), ("kernel not there", "KDUMP_KERNEL", "/boot/vmlinuz-1.0", true),
            ("initrd not there", "KDUMP_INITRD", "/boot/initrd.img-1.0", true), ("compression", "KDUMP_COMPRESSION", "zip", false),
            ("no number", "KDUMP_NUM_DUMPS", "many", false), ("ssh without host", "SSH", "\"root@\"", true),
            ("nfs without path", "NFS", "\"server\"", true), ("host tag", "HOSTTAG", "name", false),
            ("all services", "KDUMP_CMDLINE_APPEND", "\"reset_devices nr_cpus=1 irqpoll\"", false),
            ("RHEL's name", "KDUMP_COMMANDLINE_APPEND", "\"x\"", false), ("misspelt", "KDUMP_COREDIRS", "/x", false),
        })
            yield return new($"kdump-tools: {name}", HostForm.Debian, ["kdump-conf-invalid"], bad, f => f.Set(setting, value));
        yield return new("kdump-tools: no limit of CPUs", HostForm.Debian, ["crash-kernel-takes-all-cpus"], false,
            f => f.Set("KDUMP_CMDLINE_APPEND", "\"reset_devices systemd.unit=kdump-tools-dump.service irqpoll usbcore.nousb\""));
        yield return new("kdump-tools: blank", HostForm.Debian, ["kdump-conf-invalid"], false, f => f.Line("KDUMP_NUM_DUMPS = 3"));
        yield return new("kdump-tools: blank behind", HostForm.Debian, ["kdump-conf-invalid"], false, f => f.Line("KDUMP_NUM_DUMPS= 3"));
        yield return new("kdump-tools: open quote", HostForm.Debian, ["kdump-conf-invalid"], true,
            f => f.Line("KDUMP_FAIL_CMD='reboot -f"));
        yield return new("makedumpfile option", HostForm.Debian, ["core-collector-invalid"], true,
            f => f.Set("MAKEDUMP_ARGS", "\"-c -d 99\""));
        yield return new("switched off", HostForm.Debian, ["kdump-service-off"], false, f => f.Set("USE_KDUMP", "0"));
        yield return new("never switched on", HostForm.Debian, ["kdump-service-off"], false, f => f.Change(f.Conf, "USE_KDUMP=1\n", ""));
        yield return new("backports kernel", ["ubuntu2204"], ["dump-tool-too-old"], false,
            f => f.Change("boot/grub/grub.cfg", f.Release, "6.11.0-9-generic"));
        yield return new("next boot without reservation", [.. HostForm.Debian, .. HostForm.Suse], ["next-boot-without-dump"], false,
            f =>
            {
                string path = f.IsSuse ? "boot/grub2/grub.cfg" : "boot/grub/grub.cfg";
                f.Files[path] = System.Text.RegularExpressions.Regex.Replace(f.Files[path], "crashkernel=[^ \n]*", "");
            });
    }

    private static IEnumerable<HostFault> Machine()
    {
        yield return new("no reservation by its command line", Everywhere, ["crash-kernel-not-loaded", "crashkernel-not-reserved"], true,
            f =>
        {
            Unreserved(f);
            f.Files.Remove("proc/iomem");
            f.Files.Remove("sys/kernel/kexec_crash_size");
        });
        yield return new("no reservation by root's iomem", Everywhere, ["crash-kernel-not-loaded", "crashkernel-not-reserved"], true, f =>
        {
            Unreserved(f);
            f.Files.Remove("sys/kernel/kexec_crash_size");
        });
        yield return new("reservation refused", Everywhere, ["crash-kernel-not-loaded", "crashkernel-not-reserved"], true, f =>
        {
            f.Files["sys/kernel/kexec_crash_size"] = "0\n";
            f.Files["sys/kernel/kexec_crash_loaded"] = "0\n";
        });
        yield return new("not loaded", Everywhere, ["crash-kernel-not-loaded"], true,
            f => f.Files["sys/kernel/kexec_crash_loaded"] = "0\n");
        yield return new("kexec switched off", Everywhere, ["crash-kernel-not-loaded", "kexec-load-rejected"], true, f =>
        {
            f.Files["sys/kernel/kexec_crash_loaded"] = "0\n";
            f.Files["proc/sys/kernel/kexec_load_disabled"] = "1\n";
        });
        yield return new("no kexec in the kernel", Everywhere, ["kernel-config-lacks-kdump"], true, f =>
        {
            f.Files.Remove("sys/kernel/kexec_crash_loaded");
            f.Files["boot/config-" + f.Release] += "";
        });
        yield return new("service off", Everywhere, ["kdump-service-off"], false, f =>
        {
            f.Files.Remove(f.Files.Keys.Single(k => k.StartsWith("etc/systemd/system/multi-user.target.wants/", StringComparison.Ordinal)));
            f.Files["etc/systemd/system/multi-user.target.wants/sshd.service"] = "";
        });
        yield return new("oops goes on", Everywhere, ["oops-makes-no-dump"], false, f => f.Files["proc/sys/kernel/panic_on_oops"] = "0\n");
        yield return new("next boot without reservation (BLS)", HostForm.RedHat, ["next-boot-without-dump"], false, f =>
        {
            string newer = $"boot/loader/entries/0123456789abcdef-{Newer(f)}.conf";
            f.Files[newer] = $"title newer\nversion {Newer(f)}\noptions root=UUID={HostForm.Uuid} ro\n";
        });
        yield return new("LUKS below", Everywhere, ["dump-target-encrypted"], true, Luks);
        yield return new("pluggable memory and nobody listens", Everywhere, ["dump-header-goes-stale"], false, f =>
        {
            f.Files["sys/bus/acpi/devices/PNP0C80:00/hid"] = "PNP0C80\n";
            foreach (string rule in f.Files.Keys.Where(k => k.Contains("udev/rules.d", StringComparison.Ordinal)).ToArray())
                f.Files.Remove(rule);
        });
        yield return new("watchdog without its driver", Everywhere, ["watchdog-reset"], false, f =>
        {
            f.Files["sys/class/watchdog/watchdog0/state"] = "active\n";
            f.Files["sys/class/watchdog/watchdog0/identity"] = "iTCO_wdt\n";
            f.Files["sys/class/watchdog/watchdog0/timeout"] = "30\n";
            f.Files["sys/module/iTCO_wdt/initstate"] = "live\n";
            f.Links["sys/class/watchdog/watchdog0/device/driver/module"] = "/sys/module/iTCO_wdt";
        });
        yield return new("makedumpfile too old for the log", ["rhel9", "rhel10", "fedora", "sles15", "tumbleweed"], ["dump-tool-too-old"],
            false,
            f => f.Files["usr/sbin/makedumpfile"] = "makedumpfile: version 1.6.7 (released on some day)\n");
        yield return new("kexec-tools too old for zboot", Everywhere, ["dump-tool-too-old"], true, f =>
        {
            f.Binaries["boot/vmlinuz-" + f.Release] = KernelFileBuilder.Zboot(KernelFileBuilder.X8664, "gzip", [0]);
            f.Files[f.IsDebian ? "sbin/kexec" : "usr/sbin/kexec"] = "kexec-tools 2.0.20\n";
        });
    }

    private static IEnumerable<HostFault> Images()
    {
        yield return new("ordinary initramfs under its name", DumpsFromImage, ["image-cannot-dump"], true, f =>
        {
            f.Image.Remove("usr/bin/kdump.sh");
            f.Image.Remove("usr/lib/kdump/kdump-save");
            f.Image.Remove("kdump/kdump-save");
            f.Image.Remove("etc/kdump.conf");
            f.Image.Remove("etc/sysconfig/kdump");
            f.Image.Remove("usr/sbin/makedumpfile");
        });
        yield return new("no makedumpfile in the image", DumpsFromImage, ["configured-program-missing"], true,
            f => f.Image.Remove("usr/sbin/makedumpfile"));
        yield return new("no image", Everywhere, ["kdump-image-missing"], false, f => f.Image.Clear());
        yield return new("disk driver left out", Everywhere, ["driver-missing-in-image"], true,
            f => f.Image.Remove(f.Modules + "drivers/block/virtio_blk.ko"));
        yield return new("file system left out", Everywhere, ["driver-missing-in-image"], true,
            f => f.Image.Remove($"{f.Modules}fs/{f.FileSystem}/{f.FileSystem}.ko"));
        yield return new("module's dependency left out", Everywhere, ["module-dependency-missing"], true,
            f => f.Image.Remove(f.Modules + "drivers/virtio/virtio_ring.ko"));
        yield return new("init gone", Everywhere, ["image-init-missing"], true, f => f.Image.Remove("init"));
        yield return new("configuration newer than the image", Everywhere, ["image-stale"], false, f => f.Newer.Add(f.Conf));
        yield return new("no lvm in the image", Everywhere, ["target-program-missing"], true, f => Mapped(f, "LVM-abc", "vg-root"));
        yield return new("no multipath in the image", Everywhere, ["target-program-missing"], true, f => Mapped(f, "mpath-3600", "mpatha"));
    }

    /// <summary>How long a dump takes, versions, what boots next.</summary>
    private static IEnumerable<HostFault> Limits()
    {
        yield return new("the dump's service may run five seconds", HostForm.RedHat, ["dump-outlasts-timeout"], true, f =>
        {
            f.Put("usr/lib/systemd/system/kdump-capture.service", "[Service]\nType=oneshot\nExecStart=/bin/kdump.sh\n");
            f.Put("etc/systemd/system/kdump-capture.service.d/limit.conf", "[Service]\nTimeoutStartSec=5\n");
        });
        yield return new("kdump-tools' service may run five seconds", HostForm.Debian, ["dump-outlasts-timeout"], true,
            f => f.Files["etc/systemd/system/kdump-tools-dump.service.d/limit.conf"] = "[Service]\nTimeoutStartSec=5s\n");
        yield return new("crash too old to open the dump", ["rhel10", "fedora", "debian13", "ubuntu2404"], ["dump-tool-too-old"], false,
            f =>
        {
            if (f.IsRedHat)
                f.Files["installed-rpms"] = "crash-8.0.3-1.x86_64    Mon 03 Mar 2025\n";
            else
                f.Files["var/lib/dpkg/status"] = "Package: crash\nStatus: install ok installed\nVersion: 8.0.3-1\n\n";
        });
        yield return new("kexec-tools too old for a unified kernel", ["rhel10", "fedora"], ["dump-tool-too-old"], true, f =>
        {
            f.Files.Remove("boot/vmlinuz-" + f.Release);
            f.Binaries[$"boot/efi/EFI/Linux/0123456789abcdef-{f.Release}.efi"] = KernelFileBuilder.Unified(KernelFileBuilder.X8664,
                (".osrel", "ID=rhel"u8.ToArray()), (".linux", KernelFileBuilder.BzImage(f.Release)), (".initrd", [0]));
        });
        yield return new("next kernel without an image, and none is built", HostForm.RedHat, ["next-boot-without-dump"], false, f =>
        {
            NextEntry(f);
            f.Line("force_no_rebuild 1");
            f.CopyConf();
        });
        yield return new("next kernel without its modules", HostForm.RedHat, ["next-boot-without-dump"], false, f =>
        {
            NextEntry(f);
            f.Files[$"lib/modules/{f.Release}/kernel/keep"] = "";
        });
    }

    /// <summary>A newer kernel is installed, and the boot loader starts it next, with memory reserved.</summary>
    internal static void NextEntry(HostForm form)
    {
        form.Files["boot/vmlinuz-" + Newer(form)] = "MZ\n";
        form.Files[$"boot/loader/entries/0123456789abcdef-{Newer(form)}.conf"] =
            $"title newer\nversion {Newer(form)}\noptions root=UUID={HostForm.Uuid} ro crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M\n";
    }

    /// <summary>What the image knows of the network against what the machine has.</summary>
    private static IEnumerable<HostFault> Networks()
    {
        const string Conf = "etc/cmdline.d/40ip.conf", Card = "sys/devices/pci0000:00/0000:00:05.0/virtio2/net/eth0/address";
        yield return new("no network in the image", HostForm.RedHat, ["image-network-wrong"], true, f =>
        {
            Ssh(f, "makedumpfile -F -l");
            f.Image.Remove(Conf);
        });
        yield return new("network card replaced", HostForm.RedHat, ["image-network-wrong"], true, f =>
        {
            Nfs(f, "vers=4.2");
            f.Put(Conf, "ip=eth0:dhcp ifname=eth0:52:54:00:00:00:01\n");
            f.Files[Card] = "52:54:00:99:00:01\n";
        });
        yield return new("network card replaced, by its profile", HostForm.RedHat, ["image-network-wrong"], true, f =>
        {
            Ssh(f, "makedumpfile -F -l");
            f.Image.Remove(Conf);
            f.Put("etc/NetworkManager/system-connections/eth0.nmconnection",
                "[connection]\nid=eth0\n\n[ethernet]\nmac-address=52:54:00:00:00:01\n\n[ipv4]\nmethod=auto\n");
            f.Files[Card] = "52:54:00:99:00:01\n";
        });
        yield return new("address changed", HostForm.RedHat, ["image-network-wrong"], false, f =>
        {
            Nfs(f, "vers=4.2");
            f.Put(Conf, "ip=192.0.2.7::192.0.2.1:255.255.255.0:host:eth0:none\n");
            f.Files["proc/net/fib_trie"] = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 192.0.2.8\n        /32 host LOCAL\n";
        });
        yield return new("DHCP asked where the address is static", HostForm.RedHat, ["image-network-wrong"], false, f =>
        {
            Ssh(f, "makedumpfile -F -l");
            f.Files["etc/NetworkManager/system-connections/eth0.nmconnection"] =
                "[connection]\ninterface-name=eth0\n\n[ipv4]\naddress1=192.0.2.7/24,192.0.2.1\nmethod=manual\n";
        });
    }

    /// <summary>/var/crash has a file system of its own, which is not mounted.</summary>
    private static void Unmounted(HostForm form)
    {
        form.Links["sys/class/block/vdb1"] = "../../devices/pci0000:00/0000:00:04.0/virtio1/block/vdb/vdb1";
        form.Files["sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vdb/vdb1/dev"] = "252:17\n";
        form.Files["etc/fstab"] += $"/dev/vdb1 /var/crash {form.FileSystem} defaults 0 0\n";
    }

    internal static string Newer(HostForm form) => form.Release.Replace("-", "-9", StringComparison.Ordinal);

    private static void Collector(HostForm form, string from, string to)
    {
        form.Change(form.Conf, from, to);
        form.CopyConf();
    }

    internal static void Target(HostForm form, string line)
    {
        form.Line(line);
        form.CopyConf();
    }

    internal static void Ssh(HostForm form, string collector)
    {
        form.Change(form.Conf, "makedumpfile -l", collector);
        Target(form, "ssh kdump@dumps.example");
        form.Files["root/.ssh/kdump_id_rsa"] = "a key\n";
        form.Files["root/.ssh/known_hosts"] = "dumps.example,192.0.2.1 ssh-ed25519 AAAA\n";
        form.Program("usr/bin/ssh", "libc.so.6");
        form.Put("root/.ssh/kdump_id_rsa", "a key\n", 0x8180);
        form.Put("root/.ssh/known_hosts", form.Files["root/.ssh/known_hosts"]);
        Network(form);
    }

    internal static void Nfs(HostForm form, string version)
    {
        Target(form, "nfs server.example:/dumps");
        form.Files["proc/mounts"] += $"server.example:/dumps /mnt nfs rw,relatime,{version},hard 0 0\n";
        form.Program("usr/sbin/mount.nfs", "libc.so.6");
        form.Module("fs/nfs/nfs.ko");
        Network(form);
    }

    /// <summary>A network card of virtio with its driver in the image, and a default route.</summary>
    internal static void Network(HostForm form)
    {
        const string Device = "sys/devices/pci0000:00/0000:00:05.0/virtio2";
        form.Files["proc/net/route"] =
            "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\n";
        form.Files[Device + "/net/eth0/uevent"] = "INTERFACE=eth0\n";
        form.Links["sys/class/net/eth0"] = "../../devices/pci0000:00/0000:00:05.0/virtio2/net/eth0";
        form.Links[Device + "/net/eth0/device"] = "../../../virtio2";
        form.Links[Device + "/driver"] = "../../../../bus/virtio/drivers/virtio_net";
        form.Links["sys/bus/virtio/drivers/virtio_net/module"] = "../../../../module/virtio_net";
        form.Files["sys/module/virtio_net/initstate"] = "live\n";
        form.Module("drivers/net/virtio_net.ko", "depends=virtio_ring,virtio");
        form.Put("etc/cmdline.d/40ip.conf", "ip=eth0:dhcp\n");
    }

    private static void Unreserved(HostForm form)
    {
        form.Files["proc/cmdline"] = System.Text.RegularExpressions.Regex.Replace(form.Files["proc/cmdline"], "crashkernel=[^ \n]*", "");
        form.Files["proc/iomem"] = string.Join('\n', form.Files["proc/iomem"].Split('\n').Where(l => !l.Contains("Crash kernel")));
        form.Files["sys/kernel/kexec_crash_loaded"] = "0\n";
    }

    internal static void Luks(HostForm form)
    {
        Mapped(form, "CRYPT-LUKS2-0123-root", "root");
        form.Program("usr/sbin/cryptsetup", "libc.so.6");
    }

    /// <summary>The root file system stands on a device of device mapper.</summary>
    internal static void Mapped(HostForm form, string uuid, string name)
    {
        const string Dm = "sys/devices/virtual/block/dm-0";
        form.Links[$"dev/disk/by-uuid/{HostForm.Uuid}"] = "../../dm-0";
        form.Links["sys/class/block/dm-0"] = "../../devices/virtual/block/dm-0";
        form.Links[Dm + "/slaves/vda1"] = "../../../../pci0000:00/0000:00:04.0/virtio1/block/vda/vda1";
        form.Files[Dm + "/dev"] = "254:0\n";
        form.Files[Dm + "/dm/uuid"] = uuid + "\n";
        form.Files[Dm + "/dm/name"] = name + "\n";
        form.Files["run/udev/data/b252:1"] = "E:ID_FS_TYPE=LVM2_member\n";
        form.Files["proc/mounts"] = form.Files["proc/mounts"].Replace("/dev/vda1 ", $"/dev/mapper/{name} ");
        form.Module("drivers/md/dm-mod.ko");
    }
}
