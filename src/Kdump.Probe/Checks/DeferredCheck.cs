using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>
/// Devices whose probe the kernel deferred because another device is not ready yet (debugfs devices_deferred); needs a mounted debugfs.
/// </summary>
internal sealed class DeferredCheck : Check
{
    private const string File = "/sys/kernel/debug/devices_deferred";

    public override string Name => "deferred";

    public override void Run(Root root, Facts facts)
    {
        byte[]? bytes = root.ReadGuarded(File, Root.SmallFile * 4, out bool gaveUp);
        if (gaveUp)
            facts.Add(new CheckFailed(new Source(File, ""), Name,
                $"reading took longer than {Root.PatienceMs} ms: a driver's probe hangs"));
        if (bytes is null)
            return;
        var parser = new DevicesDeferred();
        var lines = new LineReader(File, new MemoryStream(bytes));
        while (lines.Next(out TextLine line))
            parser.Line(line, facts);
    }
}
