using Kdump.Fleet.Stores;

namespace Kdump.Fleet.Questions;

/// <summary>Machines that some inputs call by the host alone and others by the host with its domain.</summary>
/// <param name="Proven">Names that are joined because the machine's id, serial number or boot says so.</param>
/// <param name="Taken">Names that are joined because one full name only begins so, which is no proof.</param>
/// <param name="Apart">Names that count apart: several full names begin so, or an identity contradicts it.</param>
public sealed record ShortNames(long Proven, long Taken, long Apart)
{
    /// <summary>Redacted names have the same form.</summary>
    public static ShortNames In(FleetStore store)
    {
        long joined = store.Count("SELECT COUNT(*) FROM machines WHERE same_as IS NOT NULL AND named <> 0"),
            taken = store.Count("SELECT COUNT(*) FROM machines WHERE same_as IS NOT NULL AND same_by = @by",
                ("by", FleetStore.JoinedByName));
        return new(joined - taken, taken, store.TwiceNamed() - joined);
    }
}
