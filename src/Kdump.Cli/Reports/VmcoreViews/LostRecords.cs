using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>What a view could not read, on standard error: the first of it, and how much more there was.</summary>
internal static class LostRecords
{
    private const int Shown = 10;

    public static void Tell(Context context, IReadOnlyList<Damage> damages)
    {
        foreach (Damage damage in damages.Take(Shown))
            context.Error.WriteLine($"kdt: {Printable.Escape(damage.ToString())}");
        if (damages.Count > Shown)
            context.Error.WriteLine($"kdt: … and {damages.Count - Shown} more");
    }
}
