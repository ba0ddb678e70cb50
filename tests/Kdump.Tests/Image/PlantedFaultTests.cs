using Kdump.Tests.Formats.Archives;

namespace Kdump.Tests.Image;

/// <summary>One fault in a healthy image or its machine: found, named, and nothing else with it.</summary>
public sealed class PlantedFaultTests
{
    private static readonly Dictionary<string, (Action<KdumpScene> Plant, string[] Found)> Faults = new()
    {
        ["driver left out"] = (s => s.Files.Remove(KdumpScene.At("drivers/block/virtio_blk.ko")), ["driver-missing-in-image"]),
        ["bus driver left out"] = (s => s.Files.Remove(KdumpScene.At("drivers/virtio/virtio_pci.ko")), ["driver-missing-in-image"]),
        ["file system left out"] = (s => s.Files.Remove(KdumpScene.At("fs/ext4/ext4.ko")), ["driver-missing-in-image"]),
        ["dependency of the driver left out"] =
            (s => s.Files.Remove(KdumpScene.At("drivers/virtio/virtio_ring.ko")), ["module-dependency-missing"]),
        ["dependency of the file system left out"] = (s => s.Files.Remove(KdumpScene.At("fs/jbd2/jbd2.ko")), ["module-dependency-missing"]),
        ["module of another kernel"] =
            (s => s.Files[KdumpScene.At("fs/mbcache.ko")] = (0x81a4, ElfBuilder.Module("vermagic=5.10.0-other SMP")),
            ["image-kernel-mismatch"]),
        ["module that is cut short"] =
            (s => s.Files[KdumpScene.At("fs/mbcache.ko")] = (0x81a4, s.Files[KdumpScene.At("fs/mbcache.ko")].Content[..90]),
            ["program-damaged-in-image"]),
        ["soft dependency left out that the machine has"] = (s =>
        {
            s.Module("fs/ext4/ext4.ko", "depends=mbcache,jbd2", "softdep=pre: crc32c");
            s.Host($"lib/modules/{KdumpScene.Release}/modules.alias", "# aliases\nalias crc32c crc32c_generic\n");
        }, ["module-dependency-missing"]),
        ["no index of modules"] = (s => s.Files.Remove(KdumpScene.Index), ["module-index-missing"]),
        ["module that the index does not list"] =
            (s => s.File(KdumpScene.Index, s.IndexText().Replace("kernel/drivers/block/virtio_blk.ko:\n", "")), ["module-index-missing"]),
        ["module that the binary index does not list, which kmod reads first"] =
            (s => s.Files[KdumpScene.Index + ".bin"] = (0x81a4, KdumpScene.BinaryIndex(s.IndexText().Replace(
                "kernel/drivers/block/virtio_blk.ko:\n", ""))), ["module-index-missing"]),
        ["packed modules that kmod cannot unpack"] = (s =>
        {
            s.Library("usr/lib64/libkmod.so.2", "libc.so.6");
            s.Files[KdumpScene.At("fs/mbcache.ko.gz")] =
                (0x81a4, Tool.Run("gzip", "/tmp", s.Files[KdumpScene.At("fs/mbcache.ko")].Content));
            s.Files.Remove(KdumpScene.At("fs/mbcache.ko"));
            s.Host($"boot/config-{KdumpScene.Release}", "CONFIG_MODULES=y\n# CONFIG_MODULE_DECOMPRESS is not set\n");
        }, ["module-compression-unsupported"]),
        ["unsigned modules on a locked-down kernel"] =
            (s => s.Host("sys/kernel/security/lockdown", "none [integrity] confidentiality"), ["module-signature-missing"]),
        ["graphics driver for a card that is there"] = (s =>
        {
            s.Module("drivers/gpu/amdgpu.ko");
            s.Host("sys/module/amdgpu/initstate", "live\n");
        }, ["driver-wastes-memory"]),
        ["unit of a program that is not there"] = (s =>
        {
            s.File("usr/lib/systemd/system/dump.service", "[Service]\nExecStart=/usr/bin/dump --now\n");
            s.Link("usr/lib/systemd/system/initrd.target.wants/dump.service", "../dump.service");
        }, ["unit-program-missing"]),
        ["probe left out"] = (s => s.Script("etc/kdump/emergency.d/50-kdump-probe"), ["probe-missing-in-image"]),
        ["probe cut short"] = (s => s.Files["usr/bin/kdump-probe"] = (0x81ed, s.Files["usr/bin/tool"].Content[..^4]),
            ["probe-damaged-in-image"]),
        ["probe of another machine"] =
            (s => s.Files["usr/bin/kdump-probe"] = (0x81ed, ElfBuilder.Dynamic("/lib64/ld-linux-x86-64.so.2", [], machine: 183)),
            ["probe-damaged-in-image"]),
        ["dump level that there is none"] = (s => Both(s, "-d 31", "-d 64"), ["core-collector-invalid"]),
        ["flattened dump into a file"] = (s => Both(s, "makedumpfile -l", "makedumpfile -F -l"), ["core-collector-invalid"]),
        ["extra_modules left out"] = (s => Both(s, "extra_bins", "extra_modules megaraid_sas\nextra_bins"), ["configured-module-missing"]),
        ["no room on the target"] = (s =>
        {
            s.Host("proc/meminfo",
                "MemTotal:       67108864 kB\nMemFree:          100000 kB\nCached:           500000 kB\nAnonPages:       1000000 kB\n");
            s.Host("df", "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/vda1 1009132 24 940500 1% /var/crash\n");
        }, ["no-space-on-target"]),
        ["kernel without the decompressor"] = (s =>
        {
            s.Pack = bytes => Tool.Run("gzip", "/tmp", bytes);
            s.Host($"boot/config-{KdumpScene.Release}", "CONFIG_MODULES=y\n# CONFIG_RD_GZIP is not set\n");
        }, ["image-refused-by-kernel"]),
        ["parameter that its module does not have"] = (s =>
        {
            s.Module("drivers/block/virtio_blk.ko", "depends=virtio_ring,virtio", "parm=queue_depth:virtblk queue depth");
            s.Host("etc/sysconfig/kdump", "KDUMP_COMMANDLINE_APPEND=\"nr_cpus=1 virtio_blk.queue_depht=4\"\n");
        }, ["cmdline-parameter-unknown"]),
        ["parameter of dracut misspelt"] =
            (s => s.Host("etc/sysconfig/kdump", "KDUMP_COMMANDLINE_APPEND=\"nr_cpus=1 rd.shel=0\"\n"), ["cmdline-parameter-unknown"]),
        ["log buffer inherited"] = (s =>
        {
            s.Host("proc/cmdline", "root=UUID=1 log_buf_len=64M");
            s.Host("etc/sysconfig/kdump", "KDUMP_COMMANDLINE_REMOVE=\"hugepages\"\nKDUMP_COMMANDLINE_APPEND=\"nr_cpus=1\"\n");
        }, ["cmdline-parameter-harmful"]),
        ["driver below the bond left out"] = (s => OverBond(s, ["bonding.ko"]), ["driver-missing-in-image"]),
        ["bond driver left out"] = (s => OverBond(s, ["e1000e.ko"]), ["driver-missing-in-image"]),
        ["driver left out, known by modalias only"] = (s =>
        {
            foreach (string link in s.HostLinks.Keys.Where(k => k.EndsWith("/driver", StringComparison.Ordinal)).ToArray())
                s.HostLinks.Remove(link);
            s.Host("sys/devices/pci0000:00/0000:00:04.0/virtio1/modalias", "virtio:d00000002v00001AF4");
            s.Host($"lib/modules/{KdumpScene.Release}/modules.alias", "alias virtio:d00000002v* virtio_blk\n");
            s.Files.Remove(KdumpScene.At("drivers/block/virtio_blk.ko"));
        }, ["driver-missing-in-image"]),
        ["image of another kernel"] = (s => s.Host("proc/sys/kernel/osrelease", "6.2.0-other"), ["image-kernel-mismatch"]),
        ["firmware left out"] = (s => s.Host("lib/firmware/virtio/blk.fw", "firmware"), ["firmware-missing-in-image"]),
        ["disk formatted anew"] = (s =>
        {
            s.HostLinks.Clear();
            s.HostLink("dev/disk/by-uuid/99999999-1111-2222-3333-444455556666", "../../vda1");
            s.HostLink("sys/class/block/vda1", "../../devices/pci0000:00/0000:00:04.0/virtio1/block/vda/vda1");
        }, ["dump-target-wrong-id"]),
        ["library left out"] = (s => s.Files.Remove("usr/lib64/libz.so.1.2.13"), ["library-missing-in-image"]),
        ["link to the library left out"] = (s => s.Files.Remove("usr/lib64/libz.so.1"), ["library-missing-in-image"]),
        ["library of another machine"] =
            (s => s.Files["usr/lib64/libz.so.1.2.13"] = (0x81ed, ElfBuilder.Dynamic(null, [], machine: 183)), ["library-missing-in-image"]),
        ["library of a library left out"] =
            (s => s.Library("usr/lib64/libz.so.1.2.13", "libc.so.6", "libdeep.so.3"), ["library-missing-in-image"]),
        ["dynamic linker left out"] =
            (s => s.Files.Remove("usr/lib64/ld-linux-x86-64.so.2"), ["interpreter-missing-in-image", "library-missing-in-image"]),
        ["hook for an interpreter that is not there"] =
            (s => s.Script("etc/kdump/pre.d/20-py.py", "/usr/bin/python3"), ["interpreter-missing-in-image"]),
        ["hook for an interpreter behind env that is not there"] = (s =>
        {
            s.Program("usr/bin/env", "libc.so.6");
            s.Script("etc/kdump/post.d/20-py", "/usr/bin/env python3");
        }, ["interpreter-missing-in-image"]),
        ["hook without execute permission"] = (s => s.Script("etc/kdump/pre.d/30-x.sh", mode: 0x81a4), ["hook-not-executable"]),
        ["kdump_pre without execute permission"] = (s =>
        {
            s.Script("usr/bin/before.sh", mode: 0x81a4);
            s.File("etc/kdump.conf", Conf(s) + "kdump_pre /usr/bin/before.sh\n");
            s.Host("etc/kdump.conf", Conf(s) + "kdump_pre /usr/bin/before.sh\n");
        }, ["hook-not-executable"]),
        ["makedumpfile left out"] = (s => s.Files.Remove("usr/sbin/makedumpfile"), ["configured-program-missing"]),
        ["extra_bins left out"] = (s => s.Files.Remove("usr/bin/tool"), ["configured-program-missing"]),
        ["program cut short"] = (s => s.Files["usr/bin/tool"] = (0x81ed, s.Files["usr/bin/tool"].Content[..^4]),
            ["program-damaged-in-image"]),
        ["directive misspelt"] = (s => s.File("etc/kdump.conf", Conf(s) + "final_acton poweroff\n"), ["image-stale", "kdump-conf-invalid"]),
        ["two dump targets"] = (s => s.File("etc/kdump.conf", Conf(s) + "nfs server:/export\n"),
            ["configured-program-missing", "driver-missing-in-image", "kdump-conf-invalid"]),
        ["configuration changed after the build"] = (s => s.Host("etc/kdump.conf", Conf(s).Replace("-d 31", "-d 1")), ["image-stale"]),
        ["configuration touched after the build"] = (s => s.Newer.Add("etc/kdump.conf"), ["image-stale"]),
        ["reservation too small"] = (s => s.Host("sys/kernel/kexec_crash_size", (32 << 20).ToString()), ["crashkernel-too-small"]),
        ["no reservation"] = (s => s.Host("sys/kernel/kexec_crash_size", "0"), ["crashkernel-not-reserved"]),
        ["parameter misspelt"] = (s => s.Host("etc/sysconfig/kdump", "KDUMP_COMMANDLINE_APPEND=\"nr_cpus=1 pcie_port=compat\"\n"),
            ["cmdline-parameter-unknown"]),
        ["huge pages inherited"] = (s =>
        {
            s.Host("proc/cmdline", "root=UUID=1 hugepages=1024");
            s.Host("etc/sysconfig/kdump", "KDUMP_COMMANDLINE_REMOVE=\"quiet\"\nKDUMP_COMMANDLINE_APPEND=\"nr_cpus=1\"\n");
        }, ["cmdline-parameter-harmful"]),
        ["irqpoll on Graviton"] = (s =>
        {
            s.Host("proc/sys/kernel/osrelease", "6.1.0-test.aarch64\n");
            s.Host("sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
        }, ["cmdline-parameter-harmful", "image-kernel-mismatch"]),
        ["maxcpus for nr_cpus"] = (s => s.Host("etc/sysconfig/kdump", "KDUMP_COMMANDLINE_APPEND=\"irqpoll maxcpus=1\"\n"),
            ["cmdline-parameter-harmful"]),
        ["no init"] = (s => s.Files.Remove("init"), ["image-init-missing"]),
        ["init leads nowhere"] = (s => s.Link("init", "usr/lib/systemd/gone"), ["image-init-missing"]),
        ["init calls what is not there"] = (s => s.File("init",
            "#!/bin/sh\n# mkdir is not needed\n[ -e /proc/1 ] ||\n  (cd / && mount -t proc proc /proc)\n", 0x81ed),
            ["configured-program-missing"]),
        ["init has a function of that name"] = (s => s.File("init",
            "#!/bin/sh\nmount() { :; }\ncommand -v mkdir > /dev/null && mkdir /x\nmount /x\n", 0x81ed), []),
        ["init without execute permission"] = (s => s.File("init", "#!/bin/sh\n", 0x81a4), ["image-init-missing"]),
        ["image cut short"] = (s =>
        {
            s.File("zzz", new string('z', 900));
            s.Pack = bytes => bytes[..(bytes.Length - 700)];
        }, ["initramfs-unpack-failed"]),
        ["junk behind the image"] = (s => s.Pack = bytes => [.. bytes, 1, 2, 3, 4, 5], ["initramfs-unpack-failed"]),
        ["entry in a folder that is not there"] =
            (s => s.Pack = bytes => [.. bytes, .. new CpioBuilder().File("gone/away/x", "1").Trailer().ToArray()], ["image-entry-lost"]),
    };

    public static TheoryData<string> Names() => new(Faults.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_planted_fault_is_found_and_nothing_else(string fault)
    {
        using var scene = new KdumpScene();
        (Action<KdumpScene> plant, string[] found) = Faults[fault];
        plant(scene);
        (int exit, string[] findings, var document) = scene.Check();
        Assert.True(found.Order(StringComparer.Ordinal).SequenceEqual(findings),
            $"{fault}: expected {string.Join(", ", found)}; {document}");
        Assert.Equal(document.GetProperty("verdict").GetProperty("findings").EnumerateArray()
            .Any(f => f.GetProperty("severity").GetString() is "error" or "critical") ? 1 : 0, exit);
    }

    [ToolTheory("xz", "lz4")]
    [InlineData("xz --check=crc64")]
    [InlineData("lz4 -c")]
    public void A_packing_that_the_kernel_refuses_is_found(string packer)
    {
        using var scene = new KdumpScene { Pack = bytes => Tool.Run(packer, "/tmp", bytes) };
        Assert.Equal(["image-refused-by-kernel"], scene.Check().Findings);
    }

    private static void Both(KdumpScene scene, string from, string to)
    {
        string conf = Conf(scene).Replace(from, to);
        scene.File("etc/kdump.conf", conf);
        scene.Host("etc/kdump.conf", conf);
    }

    /// <summary>The dump goes over a bond of one e1000e card.</summary>
    internal static void OverBond(KdumpScene scene, string[] modules)
    {
        foreach (string module in modules)
            scene.Module("drivers/net/" + module);
        scene.Program("usr/bin/ssh", "libc.so.6");
        scene.File("root/.ssh/kdump_id_rsa", "a key\n");
        scene.File("root/.ssh/known_hosts", "host ssh-ed25519 AAAA\n");
        const string Conf = "ssh kdump@192.0.2.1\npath /var/crash\ncore_collector makedumpfile -F -l -d 31\n";
        scene.File("etc/kdump.conf", Conf);
        scene.Host("etc/kdump.conf", Conf);
        scene.Host("proc/net/route",
            "Iface\tDestination\tGateway " +
            "\tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\nbond0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n");
        scene.Host("sys/devices/virtual/net/bond0/uevent", "DEVTYPE=bond\nINTERFACE=bond0\n");
        scene.HostLink("sys/class/net/bond0", "../../devices/virtual/net/bond0");
        scene.HostLink("sys/devices/virtual/net/bond0/lower_eth1", "../../../pci0000:00/0000:00:08.0/net/eth1");
        scene.Host("sys/devices/pci0000:00/0000:00:08.0/net/eth1/uevent", "INTERFACE=eth1\n");
        scene.HostLink("sys/class/net/eth1", "../../devices/pci0000:00/0000:00:08.0/net/eth1");
        scene.HostLink("sys/devices/pci0000:00/0000:00:08.0/net/eth1/device", "../../../0000:00:08.0");
        scene.HostLink("sys/devices/pci0000:00/0000:00:08.0/driver", "../../../bus/pci/drivers/e1000e");
        scene.HostLink("sys/bus/pci/drivers/e1000e/module", "../../../../module/e1000e");
        scene.Host("sys/module/e1000e/initstate", "live\n");
        scene.Host("sys/module/bonding/initstate", "live\n");
    }

    private static string Conf(KdumpScene scene) => System.Text.Encoding.UTF8.GetString(scene.Files["etc/kdump.conf"].Content);
}
