using Kdump.Diagnosis.Evidence;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// A device that can hold the missing dump target has no driver, and kdump.img holds no module for it. Judged from what kdump-probe saw;
/// only while a target is missing, because images leave out on purpose what the dump does not need.
/// </summary>
public sealed class DriverMissingInImage : Rule
{
    private const int Storage = 0x01, Network = 0x02;

    public override string Id => "driver-missing-in-image";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        bool remote = facts.Of<DumpTarget>().Any(t => t.MayBeCapture && t.Kind is TargetKind.Nfs or TargetKind.Ssh);
        bool missing = facts.Of<TargetState>().Any(s => s.MayBeCapture && !s.Present) || DumpTargetMissing.Missing(facts).Any();
        if (!remote && !missing)
            yield break;
        foreach (PciFunction f in facts.Of<PciFunction>())
        {
            bool wanted = (missing && (f.Class >> 16 == Storage || f.Vendor == 0x1af4)) || (remote && f.Class >> 16 == Network);
            if (!f.MayBeCapture || f.Driver.Length > 0 || !wanted || FailedProbe(f.Address, facts))
                continue;
            if (f.Modules is { Length: 0 })
                yield return Of($"{f.Name} at {f.Address}", f.Address, ModuleOf(f), f.Source, f.Boot);
            else if (f.Modules is null)
                yield return new Unknown($"whether kdump.img holds a driver for {f.Name} at {f.Address}, which has none bound", "kdt image check of the image, or its lib/modules/*/modules.alias");
        }
        foreach (BusDevice d in facts.Of<BusDevice>())
        {
            bool wanted = (missing && d.State is "block" or "scsi") || (remote && d.State == "net");
            if (d.MayBeCapture && d.Unbound && wanted && d.Modules is { Length: 0 } && !FailedProbe(d.Name, facts))
                yield return Of($"{d.Bus} {d.State} device {d.Name} on {d.Pci}", d.Name, d.State switch { "block" => "virtio_blk", "scsi" => "virtio_scsi", _ => "virtio_net" }, d.Source, d.Boot);
        }
    }

    private Finding Of(string what, string subject, string? module, Source source, Boot? boot) => new(Id, $"kdump.img has no driver for the {what}", Severity.Error, boot?.Capture == true ? 0.9 : 0.75,
        "No driver is bound to it, and none of the modules in the image fits it.")
    {
        Subject = subject,
        Evidence = [source],
        Fixes = module is null ? [new Fix("Find its driver on the ordinary system (lspci -k) and put it into the image: dracut_args --add-drivers NAME in /etc/kdump.conf", "kdumpctl rebuild")] :
        [
            new Fix($"Put {module} into the image. RHEL, Fedora: dracut_args --add-drivers {module} in /etc/kdump.conf, then rebuild", "kdumpctl rebuild && kdumpctl restart"),
            new Fix($"Debian, Ubuntu: add {module} to /etc/initramfs-tools/modules and build the image anew", $"echo {module} >> /etc/initramfs-tools/modules && rm /var/lib/kdump/initrd.img-$(uname -r) && kdump-config unload && kdump-config load"),
        ],
    };

    private static bool FailedProbe(string device, Facts facts) => facts.Of<ProbeFailed>().Any(p => p.Device == device) || facts.Of<DriverError>().Any(e => e.Device == device);

    /// <summary>Classes that have one driver; null where only a table of devices could tell.</summary>
    private static string? ModuleOf(PciFunction f) => f.Vendor == 0x1af4 ? "virtio_pci" : (f.Class >> 8) switch { 0x0106 => "ahci", 0x0108 => "nvme", _ => null };
}
