using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Probe.Checks;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Commands;

/// <summary>Waits until the dump target is there, and speaks only if it is not: what the dracut unit starts.</summary>
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

    /// <summary>Every wanted device is there. The wishes are read anew each time: generators write some of them while we wait.</summary>
    private static bool Satisfied(Root root)
    {
        Facts facts = CheckTable.Run(root, [new TargetCheck()]);
        bool disks = false;
        if (facts.Any<DumpTarget>())
        {
            // Only where no udev makes links must the disks themselves be looked at.
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
                // Without udev a disk may be the one without our knowing: no reason to speak.
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
