using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Images;

/// <summary>The dump will not fit on its target, according to the memory in use now.</summary>
public sealed class ImageNoRoom : Rule
{
    public override string Id => "no-space-on-target";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<DumpForecast>() is not [var forecast, ..] || facts.Of<TargetRoom>() is not [var room, ..])
            yield break;
        long free = room.FreeBytes - room.Kept;
        bool never = forecast.LowBytes > free;
        if (!never && forecast.HighBytes <= free)
            yield break;
        yield return new Finding(Id,
            $"{room.Spec} has {Size(room.FreeBytes)} free, and a dump taken now would have {Size(forecast.LowBytes)} " +
            $"to {Size(forecast.HighBytes)}", never ? Severity.Error : Severity.Info, never ? 0.8 : 0.6,
            $"Of the memory in use, {Size(forecast.KeptBytes)} are dumped at dump level {forecast.Level}" +
                (forecast.Packed ? "; compression reduces it to between an eighth and the full size. " : "; it is not compressed. ") +
                "More memory may be in use when the machine crashes.")
        {
            Reckoning =
            [
                Reckoned.Bytes("free on the target", room.FreeBytes),
                .. room.Kept == 0 ? [] : new[] { Reckoned.Bytes("must stay free (KDUMP_FREE_DISK_SIZE)", room.Kept) },
                Reckoned.Bytes("dump at least", forecast.LowBytes),
                Reckoned.Bytes("dump at most", forecast.HighBytes),
                Reckoned.Bytes("memory that it keeps", forecast.KeptBytes, $"dump level {forecast.Level}"),
            ],
            Impact = never ? "A crash now leaves an incomplete dump: its target fills up first."
                : "A crash now may leave an incomplete dump: its target may fill up first.",
            Evidence = [forecast.Source, room.Source],
            Fixes = [new Fix("Free space, or choose a larger dump target"),
                new Fix("Exclude more pages and compress: core_collector makedumpfile -l -d 31 in /etc/kdump.conf")
                { For = KdumpTools.RedHat },
                new Fix("Exclude more pages and compress: MAKEDUMP_ARGS=\"-c -d 31\" in /etc/default/kdump-tools")
                { For = KdumpTools.Debian },
                new Fix("Exclude more pages and compress: KDUMP_DUMPLEVEL=31 and KDUMP_DUMPFORMAT=lzo in /etc/sysconfig/kdump")
                { For = KdumpTools.Suse }],
        };
    }

    internal static string Size(long bytes) => bytes >= 10L << 30 ? $"{bytes >> 30} GB" : $"{Math.Max(1, bytes >> 20)} MB";
}
