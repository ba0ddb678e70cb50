namespace Kdump.Tests.Host;

/// <summary>
/// What stands between a dump and its disk or server: each layer without what the crash kernel needs for it (a fault), and with it (a
/// machine that is left alone).
/// </summary>
internal static class HostLayers
{
    private const string Subsystem = "devices/virtual/nvme-subsystem/nvme-subsys0";

    private const string Card = "sys/devices/pci0000:00/0000:00:05.0/virtio2/net/eth0";

    private static readonly string[] Everywhere = [.. HostForm.RedHat, .. HostForm.Suse, .. HostForm.Debian];

    private sealed record Layer(string Name, string[] Forms, Action<HostForm> Stand, Action<HostForm> Pack, string Missing);

    private static readonly Layer[] All =
    [
        new("a logical volume", Everywhere, f => HostFaults.Mapped(f, "LVM-abc", "vg-root"), f => Programs(f, "lvm"),
            "target-program-missing"),
        new("a thin volume", Everywhere, f =>
        {
            HostFaults.Mapped(f, "LVM-abc-tpool", "vg-pool-tpool");
            f.Files["sys/module/dm_thin_pool/initstate"] = "live\n";
            f.Program("usr/sbin/lvm", "libc.so.6");
            f.Module("drivers/md/dm-thin-pool.ko");
        }, f => Programs(f, "thin_check"), "target-program-missing"),
        new("a thin volume's driver", Everywhere, f =>
        {
            HostFaults.Mapped(f, "LVM-abc-tpool", "vg-pool-tpool");
            f.Files["sys/module/dm_thin_pool/initstate"] = "live\n";
            Programs(f, "lvm", "thin_check");
        }, f => f.Module("drivers/md/dm-thin-pool.ko"), "driver-missing-in-image"),
        new("multipath", Everywhere, f => HostFaults.Mapped(f, "mpath-3600", "mpatha"), f => Programs(f, "multipathd"),
            "target-program-missing"),
        new("a RAID of md", Everywhere, f =>
        {
            Disk(f, "devices/virtual/block/md0", "md0", "9:0");
            f.Files["sys/devices/virtual/block/md0/md/level"] = "raid1\n";
            f.Links["sys/devices/virtual/block/md0/slaves/vda1"] = "../../../../pci0000:00/0000:00:04.0/virtio1/block/vda/vda1";
        }, f => Programs(f, "mdadm"), "target-program-missing"),
        new("iSCSI", Everywhere, f => Disk(f, "devices/platform/host3/session1/target3:0:0/3:0:0:0/block/sda/sda1", "sda1", "8:1"),
            f => Programs(f, "iscsistart"), "target-program-missing"),
        new("FCoE", [.. HostForm.RedHat, .. HostForm.Suse],
            f => Disk(f, "devices/virtual/net/eth0.100/ctlr_0/host4/rport-4:0-0/target4:0:0/4:0:0:0/block/sdb/sdb1", "sdb1", "8:17"),
            f => Programs(f, "fipvlan"), "target-program-missing"),
        new("NVMe over fabrics", Everywhere, f => Disk(f, "devices/virtual/nvme-fabrics/ctl/nvme0/nvme0n1", "nvme0n1", "259:0"),
            f => Programs(f, "nvme"), "target-program-missing"),
        new("iSCSI's protocol", Everywhere, Iscsi, f => f.Module("drivers/scsi/iscsi_tcp.ko"), "driver-missing-in-image"),
        new("the card to an iSCSI server", Everywhere, f =>
        {
            Iscsi(f);
            f.Module("drivers/scsi/iscsi_tcp.ko");
            f.Image.Remove(f.Modules + "drivers/net/virtio_net.ko");
        }, f => f.Module("drivers/net/virtio_net.ko", "depends=virtio_ring,virtio"), "driver-missing-in-image"),
        new("NVMe over TCP with several ways", Everywhere, NvmeTcp, f => f.Module("drivers/nvme/host/nvme-tcp.ko"),
            "driver-missing-in-image"),
        new("the program of NVMe over TCP with several ways", Everywhere, f =>
        {
            NvmeTcp(f);
            f.Module("drivers/nvme/host/nvme-tcp.ko");
            f.Image.Remove("usr/sbin/nvme");
        }, f => Programs(f, "nvme"), "target-program-missing"),
        new("an NVMe disk with several ways", Everywhere, f =>
        {
            Disk(f, Subsystem + "/nvme0n1", "nvme0n1", "259:0");
            f.Links[$"sys/{Subsystem}/nvme0"] = "../../../pci0000:00/0000:00:06.0/nvme/nvme0";
            f.Files["sys/devices/pci0000:00/0000:00:06.0/nvme/nvme0/transport"] = "pcie\n";
            f.Links["sys/devices/pci0000:00/0000:00:06.0/driver"] = "../../../bus/pci/drivers/nvme";
            f.Links["sys/bus/pci/drivers/nvme/module"] = "../../../../module/nvme";
            f.Files["sys/module/nvme/initstate"] = "live\n";
        }, f => f.Module("drivers/nvme/host/nvme.ko"), "driver-missing-in-image"),
        new("a bond", HostForm.RedHat, f => Over(f, "bond0", "bond", "bonding"), f => f.Module("drivers/net/bonding/bonding.ko"),
            "driver-missing-in-image"),
        new("a VLAN", HostForm.RedHat, f => Over(f, "eth0.7", "vlan", "8021q"), f => f.Module("net/8021q/8021q.ko"),
            "driver-missing-in-image"),
        new("a bridge", HostForm.RedHat, f => Over(f, "br0", "bridge", "bridge"), f => f.Module("net/bridge/bridge.ko"),
            "driver-missing-in-image"),
        new("a team", HostForm.RedHat, f =>
        {
            Over(f, "team0", "team", "team");
            f.Module("drivers/net/team/team.ko");
        }, f => Programs(f, "teamd"), "target-program-missing"),
        new("Open vSwitch", HostForm.RedHat, f =>
        {
            Switch(f);
            f.Module("net/openvswitch/openvswitch.ko");
        }, f => Programs(f, "ovs-vswitchd"), "target-program-missing"),
        new("Open vSwitch's driver", HostForm.RedHat, f =>
        {
            Switch(f);
            Programs(f, "ovs-vswitchd");
        }, f => f.Module("net/openvswitch/openvswitch.ko"), "driver-missing-in-image"),
        new("the card behind Open vSwitch", HostForm.RedHat, f =>
        {
            Switch(f);
            Programs(f, "ovs-vswitchd");
            f.Module("net/openvswitch/openvswitch.ko");
            f.Image.Remove(f.Modules + "drivers/net/virtio_net.ko");
        }, f => f.Module("drivers/net/virtio_net.ko", "depends=virtio_ring,virtio"), "driver-missing-in-image"),
        new("the network card's driver", HostForm.RedHat, f =>
        {
            HostFaults.Ssh(f, "makedumpfile -F -l");
            f.Image.Remove(f.Modules + "drivers/net/virtio_net.ko");
        }, f => f.Module("drivers/net/virtio_net.ko", "depends=virtio_ring,virtio"), "driver-missing-in-image"),
        new("the network card's firmware", HostForm.RedHat, f =>
        {
            HostFaults.Ssh(f, "makedumpfile -F -l");
            f.Module("drivers/net/virtio_net.ko", "depends=virtio_ring,virtio", "firmware=card/rx.fw");
            f.Files["lib/firmware/card/rx.fw"] = "firmware\n";
        }, f => f.Put("usr/lib/firmware/card/rx.fw", "firmware\n"), "firmware-missing-in-image"),
        new("NFS version 3 with locks", HostForm.RedHat, f => HostFaults.Nfs(f, "vers=3"), f => Programs(f, "rpc.statd"),
            "target-program-missing"),
    ];

    public static IEnumerable<HostFault> Faults()
    {
        foreach (Layer layer in All)
            yield return new($"nothing for {layer.Name}", layer.Forms, [layer.Missing], true, layer.Stand);
        yield return new("no room at the least", Everywhere, ["no-space-on-target"], true, f => Free(f, 100_000));
        yield return new("no room at the dump level that is set", Everywhere, ["no-space-on-target"], true, f =>
        {
            Free(f, 1_000_000);
            Level(f, 0);
        });
        yield return new("an NFS target that nobody's version is told of", HostForm.RedHat, ["driver-missing-in-image"], true, f =>
        {
            HostFaults.Nfs(f, "vers=3,nolock");
            f.Image.Remove(f.Modules + "fs/nfs/nfs.ko");
        });
    }

    /// <summary>Machines that have what their way needs.</summary>
    public static IEnumerable<HostFault> Whole()
    {
        foreach (Layer layer in All)
        {
            yield return new($"with {layer.Name}", layer.Forms, [], false, f =>
            {
                layer.Stand(f);
                layer.Pack(f);
            });
        }
        yield return new("NFS version 3 without locks", HostForm.RedHat, [], false, f => HostFaults.Nfs(f, "vers=3,nolock"));
        yield return new("NFS version 3, locks kept here", HostForm.RedHat, [], false, f => HostFaults.Nfs(f, "vers=3,local_lock=all"));
        yield return new("NFS version 4", HostForm.RedHat, [], false, f => HostFaults.Nfs(f, "vers=4.2"));
        yield return new("a share that is mounted when it is wanted", HostForm.RedHat, [], false, f =>
        {
            HostFaults.Nfs(f, "vers=4.2");
            f.Change("proc/mounts", "server.example:/dumps /mnt nfs rw,relatime,vers=4.2,hard 0 0\n", "");
            f.Files["etc/fstab"] += "server.example:/dumps /mnt nfs noauto 0 0\n";
        });
        yield return new("the settings of SLES 15 SP5", ["sles15"], [], false, f =>
        {
            f.Change(f.Conf, "KDUMP_CRASHKERNEL=\"auto\"\nKDUMP_UPDATE_BOOTLOADER=\"true\"\n", "");
            f.CopyConf();
        });
        yield return new("all CPUs, on purpose", HostForm.Suse, [], false, f =>
        {
            f.Set("KDUMP_CPUS", "0");
            f.CopyConf();
        });
        yield return new("ssh", HostForm.RedHat, [], false, f => HostFaults.Ssh(f, "makedumpfile -F -l"));
        yield return new("LUKS whose key the crash kernel gets", HostForm.RedHat, [], false, f =>
        {
            HostFaults.Luks(f);
            f.Files["sys/kernel/config/crash_dm_crypt_keys/count"] = "1\n";
        });
        yield return new("an address that is still the machine's", HostForm.RedHat, [], false, f =>
        {
            HostFaults.Nfs(f, "vers=4.2");
            f.Put("etc/cmdline.d/40ip.conf", "ip=192.0.2.7::192.0.2.1:255.255.255.0:host:eth0:none ifname=eth0:52:54:00:00:00:01\n");
            f.Files[Card + "/address"] = "52:54:00:00:00:01\n";
            f.Files["proc/net/fib_trie"] = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 192.0.2.7\n        /32 host LOCAL\n";
        });
        yield return new("DHCP asked where the machine asks, too", HostForm.RedHat, [], false, f =>
        {
            HostFaults.Ssh(f, "makedumpfile -F -l");
            f.Files["etc/NetworkManager/system-connections/eth0.nmconnection"] =
                "[connection]\ninterface-name=eth0\n\n[ipv4]\nmethod=auto\n";
        });
        yield return new("a raw partition that holds nothing", HostForm.RedHat, [], false, f =>
        {
            f.Change(f.Conf, "makedumpfile -l", "makedumpfile -F -l");
            f.Links["sys/class/block/vda2"] = "../../devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda2";
            f.Files["sys/devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda2/dev"] = "252:2\n";
            f.Files["run/udev/data/b252:2"] = "E:ID_PART_ENTRY_NUMBER=2\n";
            HostFaults.Target(f, "raw /dev/vda2");
        });
        yield return new("room enough", Everywhere, [], false, f => Free(f, 9_000_000));
        yield return new("room at the dump level that is set", Everywhere, [], false, f => Free(f, 1_000_000));
        yield return new("a dump's service that may run for hours", HostForm.Debian, [], false,
            f => f.Files["etc/systemd/system/kdump-tools-dump.service.d/limit.conf"] = "[Service]\nTimeoutStartSec=4h\n");
        yield return new("a watchdog whose driver is in the image", Everywhere, [], false, f =>
        {
            f.Files["sys/class/watchdog/watchdog0/state"] = "active\n";
            f.Files["sys/class/watchdog/watchdog0/identity"] = "iTCO_wdt\n";
            f.Files["sys/class/watchdog/watchdog0/timeout"] = "30\n";
            f.Files["sys/module/iTCO_wdt/initstate"] = "live\n";
            f.Links["sys/class/watchdog/watchdog0/device/driver/module"] = "/sys/module/iTCO_wdt";
            f.Module("drivers/watchdog/iTCO_wdt.ko");
        });
        yield return new("makedumpfile as new as the kernel", Everywhere, [], false,
            f => f.Files[f.IsDebian ? "usr/bin/makedumpfile" : "usr/sbin/makedumpfile"] =
                "makedumpfile: version 1.7.9 (released on some day)\n");
        yield return new("kexec-tools that load a zboot kernel", Everywhere, [], false, f =>
        {
            f.Files["boot/vmlinuz-" + f.Release] = "MZ\0\0zimg and more";
            f.Files[f.IsDebian ? "sbin/kexec" : "usr/sbin/kexec"] = "kexec-tools 2.0.28\n";
        });
        yield return new("a next kernel that its first boot builds an image for", HostForm.RedHat, [], false, f =>
        {
            HostFaults.NextEntry(f);
            f.Files[$"lib/modules/{HostFaults.Newer(f)}/kernel/keep"] = "";
        });
    }

    /// <summary>The root file system is on an iSCSI disk, whose server is behind the card.</summary>
    private static void Iscsi(HostForm form)
    {
        Disk(form, "devices/platform/host3/session1/target3:0:0/3:0:0:0/block/sda/sda1", "sda1", "8:1");
        form.Files["sys/class/iscsi_connection/connection1:0/persistent_address"] = "192.0.2.9\n";
        form.Files["sys/module/iscsi_tcp/initstate"] = "live\n";
        Programs(form, "iscsistart");
        HostFaults.Network(form);
    }

    private static void NvmeTcp(HostForm form)
    {
        Disk(form, Subsystem + "/nvme0n1", "nvme0n1", "259:0");
        form.Links[$"sys/{Subsystem}/nvme0"] = "../../nvme-fabrics/ctl/nvme0";
        form.Files["sys/devices/virtual/nvme-fabrics/ctl/nvme0/transport"] = "tcp\n";
        form.Files["sys/devices/virtual/nvme-fabrics/ctl/nvme0/address"] = "traddr=192.0.2.9,trsvcid=4420\n";
        form.Files["sys/module/nvme_tcp/initstate"] = "live\n";
        Programs(form, "nvme");
        HostFaults.Network(form);
    }

    private static void Programs(HostForm form, params string[] names)
    {
        foreach (string name in names)
            form.Program("usr/sbin/" + name, "libc.so.6");
    }

    /// <summary>The root file system lies on that device of sysfs.</summary>
    private static void Disk(HostForm form, string device, string node, string number)
    {
        form.Links[$"dev/disk/by-uuid/{HostForm.Uuid}"] = "../../" + node;
        form.Links["sys/class/block/" + node] = "../../" + device;
        form.Files[$"sys/{device}/dev"] = number + "\n";
        form.Files[$"run/udev/data/b{number}"] = $"E:ID_FS_UUID={HostForm.Uuid}\nE:ID_FS_TYPE={form.FileSystem}\n";
        form.Files["run/udev/data/b252:1"] = "E:ID_FS_TYPE=linux_raid_member\n";
        form.Files["proc/mounts"] = form.Files["proc/mounts"].Replace("/dev/vda1 ", $"/dev/{node} ");
    }

    /// <summary>The way to an ssh server leaves by an interface of that kind, which stands on eth0.</summary>
    private static void Over(HostForm form, string name, string kind, string module)
    {
        HostFaults.Ssh(form, "makedumpfile -F -l");
        Virtual(form, name, kind.Length > 0 ? $"DEVTYPE={kind}\nINTERFACE={name}\n" : $"INTERFACE={name}\n");
        form.Files["proc/net/route"] = form.Files["proc/net/route"].Replace("eth0\t", name + "\t");
        form.Put("etc/cmdline.d/40ip.conf", $"ip={name}:dhcp\n");
        if (kind.Length > 0)
            form.Links[$"sys/devices/virtual/net/{name}/lower_eth0"] = "../../../pci0000:00/0000:00:05.0/virtio2/net/eth0";
        form.Files[$"sys/module/{module}/initstate"] = "live\n";
    }

    /// <summary>A bridge of Open vSwitch: its own port, and the card that its datapath has.</summary>
    private static void Switch(HostForm form)
    {
        Over(form, "br-ex", "", "openvswitch");
        Virtual(form, "ovs-system", "INTERFACE=ovs-system\n");
        form.Links[Card + "/master"] = "../../../../../virtual/net/ovs-system";
    }

    private static void Virtual(HostForm form, string name, string uevent)
    {
        form.Files[$"sys/devices/virtual/net/{name}/uevent"] = uevent;
        form.Links["sys/class/net/" + name] = "../../devices/virtual/net/" + name;
    }

    private static void Free(HostForm form, long kilobytes) => form.Files["df"] = "Filesystem 1K-blocks Used Available Use% Mounted on\n" +
        $"/dev/vda1 20000000 10000000 {kilobytes} 50% /\n";

    private static void Level(HostForm form, int level)
    {
        if (form.IsRedHat)
            form.Change(form.Conf, "-d 31", $"-d {level}");
        else
            form.Set(form.IsSuse ? "KDUMP_DUMPLEVEL" : "MAKEDUMP_ARGS", form.IsSuse ? $"{level}" : $"\"-c -d {level}\"");
        form.CopyConf();
    }
}
