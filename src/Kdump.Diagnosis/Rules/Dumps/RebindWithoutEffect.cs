using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// A user rebound a device to its driver and no disk appeared, while the same brought another disk back: drivers, udev and the bus
/// work, and the fault is in that one device. An observation; other findings report what failed.
/// </summary>
public sealed class RebindWithoutEffect : Rule
{
    public override string Id => "rebind-without-effect";

    public override Entry Entry => new("rebind-without-effect", "binding the device by hand had no effect")
    {
        Area = Area.Reaching,
        Signature = ["echo … > …/bind in a shell session, and no new disk"],
        Cause = "The fault is in that one device; drivers, udev and the bus work.",
        Origin = "drivers/base/bus.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (var device in facts.Of<RebindTried>().Where(r => r.MayBeCapture).GroupBy(r => r.Device, StringComparer.Ordinal).Take(64))
        {
            // Only the first listing after the bind is proof, and only if it has no link of the device.
            RebindTried? bind = device.FirstOrDefault(r => r.Bind && ListingAfter(r, facts) is { } l && !Shows(l, r.Device));
            if (bind is null || device.Any(r => r.Bind && ListingAfter(r, facts) is { } l && Shows(l, r.Device)))
                continue;
            RebindTried? other = facts.Of<RebindTried>()
                .FirstOrDefault(r => r.Bind && r.Device != device.Key && ListingAfter(r, facts) is { } l && Shows(l, r.Device));
            Source after = ListingAfter(bind, facts)!.Source;
            yield return new Finding(Id,
                $"binding {device.Key}{(bind.Driver.Length == 0 ? "" : $" to {bind.Driver}")} again brought no disk", Severity.Info, 0.9,
                other is null ? "The listing after it shows no disk behind this address."
                    : $"Binding {other.Device}{(other.Driver.Length == 0 ? "" : $" ({other.Driver})")} again brought its disk back, " +
                        "so the bus, udev and disk drivers work here. " +
                        "(A device that worked before gets back what its unbinding released, including interrupt vectors.)")
            {
                Subject = device.Key,
                Evidence = other is null ? [bind.Source, after] : [bind.Source, after, other.Source, ListingAfter(other, facts)!.Source],
            };
        }
    }

    private static bool Shows(DiskListing listing, string device) =>
        listing.Links.Any(l => l.Name.Contains(device, StringComparison.Ordinal));

    /// <summary>The next listing by path in the same input, with no other attempt on the device between.</summary>
    private static DiskListing? ListingAfter(RebindTried tried, Facts facts)
    {
        DiskListing? next = facts.Of<DiskListing>()
            .FirstOrDefault(l => l.Directory == "/dev/disk/by-path" && l.Source.Input == tried.Source.Input &&
            l.Source.Order > tried.Source.Order);
        bool again = next is not null && facts.Of<RebindTried>()
            .Any(r => r.Device == tried.Device && r.Source.Input == tried.Source.Input && r.Source.Order > tried.Source.Order &&
            r.Source.Order < next.Source.Order);
        return again ? null : next;
    }
}
