using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A device whose probe waits for another (debugfs devices_deferred, drivers/base/dd.c).</summary>
/// <param name="Device">Its name, without its bus.</param>
/// <param name="Reason">What the driver said; empty when nothing (5.8 and older never).</param>
public sealed record DeferredProbe(Source Source, string Device, string Reason) : Fact(Source);

/// <summary>Reads devices_deferred: a name, and behind a tab the reason.</summary>
public sealed class DevicesDeferred : LineParser
{
    public override string Kind => "devices_deferred";

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        string device = c.Word().ToString();
        if (device.Length == 0)
            return false;
        facts.Add(new DeferredProbe(line.ToSource(), device, c.Rest.Trim().ToString()));
        return true;
    }
}
