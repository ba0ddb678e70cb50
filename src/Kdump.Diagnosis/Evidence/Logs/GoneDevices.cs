using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>The kernel gave a device up: its node in /dev is gone, or nothing behind it answers any more.</summary>
/// <param name="Name">The disk or controller: <c>nvme0</c>, <c>sdb</c>, <c>mmcblk0</c>.</param>
public sealed record DeviceGone(Source Source, string Name) : Fact(Source)
{
    /// <summary>It came back later under the same name.</summary>
    public bool Back { get; set; }
}

/// <summary>
/// Which disks the kernel took away or declared dead (drivers/nvme/host/pci.c nvme_remove_dead_ctrl(), nvme_reset_work();
/// drivers/scsi/sd.c; block/genhd.c set_capacity_and_notify() when a dead disk's size becomes 0), and which came back.
/// </summary>
public sealed class GoneDevices : BookParser
{
    private const int MaxKept = 64;

    private static readonly (string Wording, bool Back)[] Wordings =
    [
        ("^nvme {d}: Removing after probe failure", false),
        ("^nvme {d}: Disabling device after reset failure", false),
        ("^nvme {d}: failed to set APST feature (-19)", false),
        ("^{d}: detected capacity change from {e} to 0", false),
        ("^sd *: [{d}] Synchronize Cache(10) failed: Result: hostbyte=DID_NO_CONNECT", false),
        ("^sd *: [{d}] Stopping disk", false),
        ("^sd *: [{d}] Starting disk", true),
        ("^sd *: [{d}] Attached SCSI ", true),
        ("^nvme {d}: {e} default/read/poll queues", true),
    ];

    private static readonly (int Place, string Text)[] Book =
        [.. Wordings.Select((w, i) => (i, Shape.LongestLiteral(w.Wording.TrimStart('^'))))];

    private readonly List<string> taken = [];
    private readonly List<DeviceGone> kept = [];
    private Boot? boot;

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (line.Kernel.Foreign)
            return false;
        if (facts.Boot != boot)
        {
            boot = facts.Boot;
            kept.Clear();
        }
        foreach (int place in Concerned)
        {
            (string wording, bool back) = Wordings[place];
            if (Shape.Find(line.Kernel.Message, wording[1..], taken) != 0)
                continue;
            string name = taken[0];
            if (!PlainWord.Is(name))
                return false;
            if (back)
                kept.Where(g => g.Name == name).ToList().ForEach(g => g.Back = true);
            else if (kept.Count < MaxKept && kept.TrueForAll(g => g.Name != name || g.Back))
            {
                var gone = new DeviceGone(line.ToSource(), name);
                kept.Add(gone);
                facts.Add(gone);
            }
            return false;
        }
        return false;
    }

    public override void End(Facts facts)
    {
        boot = null;
        kept.Clear();
    }
}
