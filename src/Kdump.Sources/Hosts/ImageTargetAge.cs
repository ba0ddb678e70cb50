using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Images;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// The dump target in an image beside the one in the machine's settings: the image keeps the target of the day on which it was built.
/// Authority: kdump-utils dracut/99kdumpbase/module-setup.sh kdump_install_conf (the image's kdump.conf is the machine's, devices by
/// lasting names; a default target on a file system of its own is written out).
/// </summary>
internal static class ImageTargetAge
{
    /// <summary>The settings in an image: of kdump-utils and of SUSE's kdump 1.9 and newer, and of older ones of SUSE.</summary>
    private static readonly string[] Confs = ["/etc/kdump.conf", "/etc/sysconfig/kdump"];

    public static void Judge(ImageView view, MachineTree root, KdumpTools tools, Facts own, Facts facts)
    {
        string file = tools == KdumpTools.Suse ? HostConf.RedHatOptions : HostConf.RedHatFile;
        if (tools is not (KdumpTools.RedHat or KdumpTools.Suse) || !root.IsFile(file) ||
            Array.Find(tools == KdumpTools.Suse ? Confs : Confs[..1], c => view.Find(c) is not null) is not { } conf ||
            own.Of<KdumpConfProblem>().Any(p => p.Effect == ConfEffect.Refused))
            return;
        string shown = view.Shown(conf);
        DumpTarget? image = facts.Of<DumpTarget>().FirstOrDefault(t => t.Source.Input == shown && IsNamed(t)),
            machine = own.Of<DumpTarget>().FirstOrDefault(IsNamed);
        if (machine is null && image is null && tools == KdumpTools.Suse &&
            Folder(facts, shown) is { } old && Folder(own, null) is { } now && old.Path != now.Path && old.Path != root.Resolve(now.Path))
            facts.Add(new ImageTargetDiffers(old.Source, old.Path, now.Path, now.Source) { File = file });
        // Without a target on either side both follow the folder.
        if (machine is null && (image is null || SavePath.Root(root, tools, own) is not { } folder || Same(folder, image, root) != false))
            return;
        if (machine is not null && image is not null && Same(machine, image, root) != false)
        {
            // The folder on a target that is named is copied as it is.
            if (tools == KdumpTools.RedHat && machine.Path.Trim('/') != image.Path.Trim('/'))
                facts.Add(new ImageTargetDiffers(image.Source, $"{image.Path} on {image.Spec}", $"{machine.Path} on {machine.Spec}",
                    machine.Source) { File = file });
            return;
        }
        facts.Add(new ImageTargetDiffers(image?.Source ?? new Source(shown, "no dump target is named"), image?.Spec ?? "",
            machine?.Spec ?? "", machine?.Source ?? new Source(root.Shown(file), "no dump target is named")) { File = file });
    }

    /// <summary>SUSE's folder for dumps on a file system of this machine; null where there is another target.</summary>
    private static DumpTarget? Folder(Facts facts, string? shown) =>
        facts.Of<DumpTarget>().FirstOrDefault(t => t is { Kind: TargetKind.Root, Path: ['/', ..] } &&
            (shown is null || t.Source.Input == shown));

    private static bool IsNamed(DumpTarget t) => t.Kind is not (TargetKind.Root or TargetKind.Wait) && t.Spec.Length > 0;

    /// <summary>Null: nothing tells.</summary>
    private static bool? Same(DumpTarget machine, DumpTarget image, MachineTree root)
    {
        if (machine.Spec == image.Spec)
            return true;
        if (machine.IsRemote || image.IsRemote)
            return false;
        var targets = new ImageTargets(root, new Facts());
        if (targets.NodeOf(machine) is { } here && targets.NodeOf(image) is { } there)
            return here == there;
        return machine.Device.Kind == image.Device.Kind && machine.Device.Kind is ReferenceKind.Uuid or ReferenceKind.Label
            ? string.Equals(machine.Device.Value, image.Device.Value, StringComparison.OrdinalIgnoreCase) : null;
    }
}
