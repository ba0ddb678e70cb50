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
    private const string Conf = "/etc/kdump.conf";

    public static void Judge(ImageView view, MachineTree root, KdumpTools tools, Facts own, Facts facts)
    {
        if (tools != KdumpTools.RedHat || view.Find(Conf) is null || !root.IsFile(HostConf.RedHatFile) ||
            own.Of<KdumpConfProblem>().Any(p => p.Effect == ConfEffect.Refused))
            return;
        string shown = view.Shown(Conf);
        DumpTarget? image = facts.Of<DumpTarget>().FirstOrDefault(t => t.Source.Input == shown && IsNamed(t)),
            machine = own.Of<DumpTarget>().FirstOrDefault(IsNamed);
        // Without a target on either side both follow the folder.
        if (machine is null && (image is null || SavePath.Root(root, tools, own) is not { } folder || Same(folder, image, root) != false))
            return;
        if (machine is not null && image is not null && Same(machine, image, root) != false)
            return;
        facts.Add(new ImageTargetDiffers(image?.Source ?? new Source(shown, "no dump target is named"), image?.Spec ?? "",
            machine?.Spec ?? "", machine?.Source ?? new Source(root.Shown(HostConf.RedHatFile), "no dump target is named")));
    }

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
