using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>Dump target and required devices: reads every file of the image that names a target or a device to wait for.</summary>
internal sealed class TargetCheck : Check
{
    /// <summary>Size limit for a configuration file, in bytes.</summary>
    private const int Cap = 256 * 1024;

    private static readonly string[] HookDirectories =
        ["/var/lib/dracut/hooks/initqueue/finished", "/lib/dracut/hooks/initqueue/finished", "/usr/lib/dracut/hooks/initqueue/finished"];

    private static readonly string[] UnitDirectories = ["/run/systemd/generator", "/etc/systemd/system", "/run/systemd/system"];

    public override string Name => "target";

    public override void Run(Root root, Facts facts)
    {
        bool image = root.Exists("/etc/initrd-release") || root.Exists("/usr/lib/initrd-release");
        // SUSE's kdump 1.9 and newer writes its settings there, as shell assignments.
        LineParser conf = root.Exists("/kdump/kdump-save") ? new SuseKdumpConf() : new KdumpConf();
        root.Parse("/etc/kdump.conf", conf, facts, Cap);
        root.Parse("/etc/default/kdump-tools", new DebianKdumpConf(), facts, Cap);
        // RHEL has a file of this name with other settings, and none that names a target.
        if (OwnTools.Of(root) == KdumpTools.Suse || root.Text("/etc/sysconfig/kdump", Cap)?.Contains("KDUMP_SAVEDIR") == true)
            root.Parse("/etc/sysconfig/kdump", new SuseKdumpConf(), facts, Cap);
        EachLine(root, "/usr/lib/dracut/build-parameter.txt", facts, DracutParameters.BuildArguments);
        root.Parse("/etc/fstab", new Fstab(ScopeOf(root, image), Fstab.FolderOf(facts, "KDUMP_COREDIR")), facts, Cap);
        foreach (string directory in HookDirectories)
        {
            foreach (string name in root.List(directory))
            {
                if (name.StartsWith("devexists-", StringComparison.Ordinal))
                    EachLine(root, $"{directory}/{name}", facts, DracutParameters.DeviceExists);
            }
        }
        foreach (string directory in UnitDirectories)
        {
            foreach (string name in image ? root.List(directory) : [])
            {
                if (name.EndsWith(".mount", StringComparison.Ordinal))
                    root.Parse($"{directory}/{name}", new MountUnit(), facts, Cap);
            }
        }
        RootParameter(root, "/proc/cmdline", facts);
        foreach (string name in root.List("/etc/cmdline.d"))
            RootParameter(root, "/etc/cmdline.d/" + name, facts);
    }

    /// <summary>With /proc/vmcore and no image this is a machine's root that the crash kernel started to write the dump there.</summary>
    private static FstabScope ScopeOf(Root root, bool image)
    {
        if (image)
            return FstabScope.Image;
        return root.Exists("/proc/vmcore") ? FstabScope.Start : FstabScope.Root;
    }

    private delegate void LineTaker(in TextLine line, Facts facts);

    private static void EachLine(Root root, string file, Facts facts, LineTaker take)
    {
        using Stream? stream = root.Stream(file, Cap);
        if (stream is null)
            return;
        var lines = new LineReader(file, stream);
        while (lines.Next(out TextLine line))
            take(line, facts);
    }

    private static void RootParameter(Root root, string file, Facts facts)
    {
        if (root.Text(file) is not string text)
            return;
        string? wanted = CommandLine.Parse(text).Last("root");
        if (wanted is null || DeviceReference.Parse(wanted).Kind == ReferenceKind.None)
            return;
        facts.Add(new DumpTarget(Source.Of(file, text, 1), TargetKind.Root, wanted, "", ""));
    }
}
