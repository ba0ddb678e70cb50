using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>What kdump-probe sees on a machine with one virtio disk, in a crash kernel that waits for its dump target.</summary>
internal static class ProbeFacts
{
    private const string Wanted = "/dev/disk/by-uuid/aaaa-bbbb";

    public static Facts Machine(string driver, string blockDriver, string? modules = "virtio_blk", bool disk = false,
        bool targetThere = false, string waits = "/etc/kdump.conf")
    {
        var facts = new Facts { Boot = new Boot("report", 0) };
        facts.Boot.Decide(capture: true, new Source("/proc/cmdline", "elfcorehdr=1M"));
        Source source = new(waits, $"ext4 {Wanted}", 1);
        facts.Add(new DumpTarget(source, TargetKind.FileSystem, Wanted, "ext4", "/var/crash"));
        facts.Add(new TargetState(source, Wanted, Wanted, targetThere ? "vda" : "", Certain: true));
        if (!targetThere)
            facts.Add(new DeviceWait(source, Wanted, 60, null, GaveUp: false));
        facts.Add(new PciFunction(new("/sys/bus/pci/devices/0000:00:03.0", "class 0x010000"), "0000:00:03.0", 0x010000, 0x1af4, 0x1001,
            "virtio disk", driver, driver.Length > 0 ? "virtio_pci" : "",
            -1, "D0", 0, "", 0, false, true));
        facts.Add(new BusDevice(new("/sys/bus/virtio/devices/virtio0", "virtio0"), "virtio", "virtio0", blockDriver, "0000:00:03.0",
            "block", modules));
        if (disk)
            facts.Add(new BlockDevice(new("/sys/class/block/vda", "vda"), "vda", 1 << 30, "", "0000:00:03.0 virtio0 vda", "cccc-dddd", "",
                "", ""));
        return facts;
    }

    public static void AddAhciWithoutDriver(Facts facts) =>
        facts.Add(new PciFunction(new("/sys/bus/pci/devices/0000:00:1f.2", "class 0x010601"), "0000:00:1f.2", 0x010601, 0x8086, 0x2922,
            "AHCI", "", "", -1, "D0", 0, "", 0, false, false));
}
