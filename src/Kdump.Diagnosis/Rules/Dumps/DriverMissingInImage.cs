using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A device that may contain the missing dump target has no driver, and kdump.img has no module for it. Judged from kdump-probe's
/// report, and only if a target is missing and no driver failed: images omit drivers on purpose that the dump does not need.
/// </summary>
public sealed class DriverMissingInImage : Rule
{
    private const int Nvme = 0x0108, Storage = 0x01, Network = 0x02;

    private sealed record Candidate(string What, string Subject, string? Module, Source Source, bool IsDisk, bool? InImage, Boot? Boot);

    public override string Id => "driver-missing-in-image";

    public override Entry Entry => new("driver-missing-in-image", "the image lacks a driver for the dump target")
    {
        Area = Area.Reaching,
        Signature =
        [
            "a device without driver in the report of kdump-probe",
            "a driver of the target that kdt image check does not find",
        ],
        Cause = "Images contain only drivers for devices that were found when the image was built. " +
            "Often missing: PHY and MDIO drivers, SR-IOV physical functions, lower devices of Hyper-V and bonds, controllers added later.",
        Fixes = [new("extra_modules in /etc/kdump.conf", "kdumpctl rebuild && kdumpctl restart")],
        Origin = "kdump-utils commits d057153, 7a8edc8, bc10108 and 821a5e6; dracut dracut.sh --hostonly-mode strict",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (Finding listed in Listed(facts))
            yield return listed;
        bool remote = facts.Of<DumpTarget>().Any(t => t.MayBeCapture && t.Kind is TargetKind.Nfs or TargetKind.Ssh);
        bool missing = facts.Of<TargetState>().Any(s => s.MayBeCapture && !s.Present) || DumpTargetMissing.Missing(facts).Any();
        List<Candidate> candidates = [.. missing ? StorageWithoutDriver(facts) : [], .. remote ? NetworkWithoutDriver(facts) : []];
        // If a disk's driver is in the image but not bound, it failed for another reason, which explains the missing target better.
        if (candidates.Any(c => c.IsDisk && c.InImage == true) || facts.Of<ProbeFailed>()
            .Any(p => p.MayBeCapture && StorageDrivers.Contains(p.Driver)))
            yield break;
        if (facts.Of<DumpProgress>().Any(p => p.MayBeCapture && p.Step == DumpStep.Saved))
            yield break;
        // A controller may have no disk at all: consider it only if no disk itself lacks a driver, and no other disk with a file
        // system is present, which may be the target under another id.
        bool disks = candidates.Any(c => c.IsDisk);
        bool others = facts.Of<BlockDevice>().Any(b => b.MayBeCapture && (b.FsUuid.Length > 0 || b.FsLabel.Length > 0));
        foreach (Candidate c in candidates)
        {
            if (disks && !c.IsDisk)
                continue;
            if (c.InImage == false && !c.IsDisk && others)
                yield return new Unknown($"whether a disk is attached to {c.What}, for which kdump.img has no driver",
                    "lsblk and lspci -k on the normal system");
            else if (c.InImage == false)
                yield return Of(c);
            else if (c.InImage is null)
                yield return new Unknown($"whether kdump.img holds a driver for {c.What}, which has none bound",
                    "kdt image check of the image, or its lib/modules/*/modules.alias");
        }
    }

    private static readonly string[] Classes = ["RAID bus controller", "SATA controller", "SCSI storage controller",
        "Serial Attached SCSI controller", "Non-Volatile memory controller", "Fibre Channel", "Ethernet controller", "Network controller",
        "Infiniband controller", "Mass storage controller", "Virtio storage controller"];

    /// <summary><c>lspci -k</c> in the shell of a crash kernel: what a dump may go through has no driver there.</summary>
    private IEnumerable<Finding> Listed(Facts facts)
    {
        if (!facts.Boots.Any(b => b.Capture == true))
            yield break;
        LspciFunction[] all = [.. facts.Of<LspciFunction>().Where(f => Array.Exists(Classes, c => f.Class.StartsWith(c,
            StringComparison.Ordinal)))];
        // A listing without -k shows no driver of any device.
        LspciFunction[] unbound = [.. all.Where(f => f.Driver is null && f.Modules is { Length: > 0 })];
        if (unbound.Length == 0)
            yield break;
        string modules = string.Join(' ', unbound.Select(f => f.Modules!.Split(',')[0].Trim()).Where(PlainWord.Is)
            .Distinct(StringComparer.Ordinal).Take(6));
        bool none = all.All(f => f.Driver is null);
        yield return new Finding(Id, $"in the crash kernel no driver is bound to {unbound[0].Address} ({unbound[0].Class})" +
            (unbound.Length > 1 ? $" and {Counted.Of(unbound.Length - 1, "more device")} of storage or network" : ""), Severity.Error, 0.8,
            $"lspci names modules that fit ({modules}) and no driver in use: the module is not in the image, was not loaded, or its " +
            "probe failed. A dump that goes to a disk or over a card behind it finds no target." + (none
                ? " No storage or network device of this listing has a driver." : ""))
        {
            Subject = "lspci",
            Evidence = [.. unbound.Take(4).Select(f => f.Source)],
            Fixes =
            [
                new("In that shell: try it, and read what it says", $"modprobe -v {modules.Split(' ')[0]}; dmesg | tail -20"),
                new($"If the module is not there: add it to the image (extra_modules {modules} in /etc/kdump.conf), then rebuild",
                    "kdumpctl rebuild && kdumpctl restart"),
            ],
        };
    }

    private static List<Candidate> StorageWithoutDriver(Facts facts)
    {
        var list = new List<Candidate>();
        foreach (BusDevice d in facts.Of<BusDevice>())
        {
            if (d.MayBeCapture && d.Unbound && d.State is "block" or "scsi")
                list.Add(new($"{d.Bus} {d.State} device {d.Name} on {d.Pci}", d.Name, d.State == "block" ? "virtio_blk" : "virtio_scsi",
                    d.Source, IsDisk: d.State == "block", InImage(d.Modules), d.Boot));
        }
        foreach (PciFunction f in facts.Of<PciFunction>())
        {
            if (f.MayBeCapture && f.Driver.Length == 0 && f.Class >> 16 == Storage && !Failed(f.Address, facts))
                list.Add(new($"{f.Name} at {f.Address}", f.Address, ModuleOf(f), f.Source, IsDisk: f.Class >> 8 == Nvme, InImage(f.Modules),
                    f.Boot));
        }
        return list;
    }

    private static List<Candidate> NetworkWithoutDriver(Facts facts)
    {
        var list = new List<Candidate>();
        foreach (PciFunction f in facts.Of<PciFunction>())
        {
            if (f.MayBeCapture && f.Driver.Length == 0 && f.Class >> 16 == Network && !Failed(f.Address, facts))
                list.Add(new($"{f.Name} at {f.Address}", f.Address, null, f.Source, IsDisk: false, InImage(f.Modules), f.Boot));
        }
        return list;
    }

    private Finding Of(Candidate c) => new(Id, $"kdump.img has no driver for {c.What}", Severity.Error, c.IsDisk ? 0.9 : 0.65,
        "No driver is bound to it, and no module in the image supports it." +
            (c.IsDisk ? "" : " No input shows whether the dump target is attached to it."))
    {
        Subject = c.Subject,
        Evidence = [c.Source],
        Fixes = c.Module is { } module ? [.. DumpImage.ForEach(tools => DumpImage.Module(tools, module))]
            : [new Fix("Find its driver on the normal system, then name it for the image and rebuild that", "lspci -nnk")],
    };

    private static bool? InImage(string? modules) => modules is null ? null : modules.Length > 0;

    private static bool Failed(string device, Facts facts) =>
        facts.Of<ProbeFailed>().Any(p => p.Device == device) || facts.Of<DriverError>().Any(e => e.Device == device);

    /// <summary>The driver of classes that have only one; null if only a table of devices could say.</summary>
    private static string? ModuleOf(PciFunction f) =>
        f.Vendor == 0x1af4 ? "virtio_pci" : (f.Class >> 8) switch { 0x0106 => "ahci", Nvme => "nvme", _ => null };
}
