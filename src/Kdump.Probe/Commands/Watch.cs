using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Probe.Checks;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Commands;

/// <summary>Waits for the dump target, and reports only if it is missing; started by the dracut unit.</summary>
internal static class Watch
{
    private const int PollMs = 1000;

    public static int Run(Options options)
    {
        using var root = new Root(options.Root);
        long until = Libc.MonotonicMs() + (options.AfterSeconds * 1000L);
        while (!Satisfied(root))
        {
            long left = until - Libc.MonotonicMs();
            if (left <= 0)
                return Report.Run(options);
            Libc.Sleep((int)Math.Min(PollMs, left));
        }
        return 0;
    }

    /// <summary>
    /// True if every required device exists. The list is read again each time, because systemd generators create some of its entries
    /// during the wait.
    /// </summary>
    private static bool Satisfied(Root root)
    {
        Facts facts = CheckTable.Run(root, [new TargetCheck()]);
        bool disks = false;
        if (facts.Any<DumpTarget>())
        {
            // Look at the disks themselves only if udev does not run and creates no links.
            if (!root.Exists("/dev/disk"))
                new BlockCheck().Run(root, facts);
            disks = facts.Any<BlockDevice>();
        }
        else
            return Array.Exists(root.List("/sys/class/block"), name => !BlockCheck.IsAlwaysThere(name));
        foreach (DumpTarget target in facts.Of<DumpTarget>())
        {
            if (target.Device.Path is string path)
            {
                string node = PresenceCheck.Find(root, facts, target.Device, path, out bool certain);
                // Without udev, one of the disks may be the target under an unknown name: do not report it as missing.
                if (node.Length == 0 && (certain || !disks))
                    return false;
            }
            else if (target.Kind is TargetKind.Nfs or TargetKind.Ssh && !NetworkUp(root))
                return false;
        }
        return true;
    }

    private static bool NetworkUp(Root root)
    {
        foreach (string name in root.List("/sys/class/net"))
        {
            if (name != "lo" && root.Text($"/sys/class/net/{name}/operstate", 32) is "up" or "unknown")
                return true;
        }
        return false;
    }
}
