using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Memory;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The reservation against what this machine's crash kernel will need, item by item (<c>kdt host memory</c>).</summary>
public sealed class HostReservationSmall : Rule
{
    public override string Id => "crashkernel-too-small";

    /// <summary>
    /// True: a reservation that is likely enough and less than the most that may be needed is an unknown (<c>kdt host memory</c>).
    /// Otherwise nothing is said of it.
    /// </summary>
    public bool AsksWhereItIsTight { get; init; }

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<MemoryOutlook>() is not [.., { Reserved: > 0 } outlook])
            yield break;
        MemoryRange needed = outlook.Forecast.Needed;
        long reserved = outlook.Reserved;
        if (reserved >= needed.Likely)
        {
            if (AsksWhereItIsTight && outlook.Enough is null)
                yield return new Unknown(
                    $"whether {reserved >> 20} MB are enough: likely {needed.Likely >> 20} MB are needed, at most {needed.High >> 20} MB",
                    "kdt host rehearse with the machine's image, or a test crash");
            yield break;
        }
        bool never = reserved < needed.Low;
        MemoryItem[] largest = [.. outlook.Forecast.Items.OrderByDescending(i => i.Bytes.Likely).Take(3)];
        yield return new Finding(Id,
            $"{Size(reserved)} are reserved, and the crash kernel will need {Size(needed.Low)} to {Size(needed.High)}",
            never ? Severity.Critical : Severity.Warning, never ? 0.85 : 0.6,
            $"Likely {Size(needed.Likely)}; most is for {string.Join(", ", largest.Select(i => $"{i.Name} {Size(i.Bytes.Likely)}"))}" +
            (outlook.Image.Length == 0 ? ". No image was measured: typical sizes are assumed" : "") + ". kdt host memory shows each item.")
        {
            Reckoning =
            [
                Reckoned.Bytes("reserved", reserved),
                Reckoned.Bytes("needed", needed.Likely, $"{Size(needed.Low)} to {Size(needed.High)}"),
                .. largest.Select(i => Reckoned.Bytes($"of that {i.Name}", i.Bytes.Likely)),
            ],
            Impact = never ? "A crash now leaves no dump: the crash kernel runs out of memory."
                : "A crash now may leave no dump: the crash kernel may run out of memory.",
            Evidence = facts.Of<CrashReservation>() is [var r, ..] ? [r.Source, outlook.Source] : [outlook.Source],
            Fixes = [.. CrashKernelOption.Reservation(RoundUp(needed.High >> 20), "what it needs at most, rounded up")],
        };
    }

    /// <summary>What this machine's crash kernel needs at most, in MB rounded up to a multiple of 32; 256 where nothing tells.</summary>
    public static long Wanted(Facts facts) => facts.Of<MemoryOutlook>() is [.., var outlook] ? RoundUp(outlook.Forecast.Needed.High >> 20)
        : 256;

    private static long RoundUp(long megabytes) => (megabytes + 31) / 32 * 32;

    private static string Size(long bytes) => $"{(bytes + (1 << 19)) >> 20} MB";
}
