using System.Text.RegularExpressions;
using Kdump.Diagnosis.Crashes;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Fleet.Quality;

/// <summary>
/// A recorded report as kernels of other releases and compilers would print it: functions renamed, cloned (.isra, .constprop, .part) or
/// inlined, each release in its own way everywhere; another way to the same place; a wild pointer caught as another kind of fault; lines
/// torn off at the end. The text is changed and read anew, so that the whole way from the log is measured.
/// </summary>
internal sealed partial class CrashVariants(int seed)
{
    private const int Releases = 6;

    private readonly Random random = new(seed);

    /// <param name="report">Lines of one report.</param>
    /// <param name="other">Lines of another one: its outer frames are another way to the same place.</param>
    public IEnumerable<CrashShape> Of(string[] report, string[] other, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int release = random.Next(Releases);
            List<string> lines = [.. report];
            if (random.Next(3) == 0)
                OtherWay(lines, other);
            lines = [.. lines.Where(l => !Inlined(l, release)).Select(l =>
                Function().Replace(l, m => Renamed(m.Groups[1].Value, release) + "+0x"))];
            if (random.Next(5) == 0)
                InlineGuilty(lines);
            if (random.Next(4) == 0)
                lines = [.. lines.Select(OtherFault)];
            if (random.Next(6) == 0)
                lines = [.. lines.Take(Math.Max(lines.Count * 3 / 4, 12))];
            if (LogCorpus.Read(string.Join('\n', lines)).Crashes.FirstOrDefault(c => c.Kind is not "reboot") is { } crash)
                yield return CrashShape.Of(crash);
        }
    }

    private static string Renamed(string name, int release) => (Chance(name, release) % 100) switch
    {
        < 6 => name + ".isra.0",
        < 10 => name + ".constprop.0",
        < 12 => name + ".part.0",
        < 15 => "__" + name,
        < 18 => name + "_locked",
        _ => name,
    };

    /// <summary>A caller that this release's compiler inlined; the place of the fault has its own line and stays.</summary>
    private static bool Inlined(string line, int release) => Frame().Match(line) is { Success: true } frame && !line.Contains("RIP") &&
        Chance("inline " + frame.Groups[1].Value, release) % 100 < 8;

    private void OtherWay(List<string> lines, string[] other)
    {
        int[] frames = [.. Enumerable.Range(0, lines.Count).Where(i => Frame().IsMatch(lines[i]))];
        string[] outer = [.. other.Where(l => Frame().IsMatch(l)).TakeLast(4)];
        if (frames.Length < 8)
            return;
        int from = frames[frames.Length - random.Next(2, 5)];
        lines.RemoveAll(l => Frame().IsMatch(l) && lines.IndexOf(l) >= from);
        lines.InsertRange(Math.Min(from, lines.Count), outer);
    }

    /// <summary>The guilty function is inlined into its caller, whose name stands where its own did.</summary>
    private static void InlineGuilty(List<string> lines)
    {
        int rip = lines.FindIndex(l => l.Contains("RIP", StringComparison.Ordinal) && Function().IsMatch(l)),
            caller = lines.FindIndex(Frame().IsMatch);
        if (rip < 0 || caller < 0)
            return;
        string guilty = Function().Match(lines[rip]).Groups[1].Value, name = Function().Match(lines[caller]).Groups[1].Value;
        if (guilty == name)
            return;
        lines.RemoveAt(caller);
        for (int i = 0; i < lines.Count; i++)
            lines[i] = lines[i].Replace(guilty + "+0x", name + "+0x", StringComparison.Ordinal);
    }

    private static string OtherFault(string line) => line
        .Replace("BUG: kernel NULL pointer dereference, address: 0000000000000008",
            "BUG: unable to handle page fault for address: ffffc90000a3d008",
            StringComparison.Ordinal)
        .Replace("KASAN: use-after-free in", "KASAN: slab-out-of-bounds in", StringComparison.Ordinal)
        .Replace("Read of size", "Write of size", StringComparison.Ordinal);

    private static uint Chance(string name, int release)
    {
        uint hash = 2166136261;
        foreach (char c in $"{release} {name}")
            hash = unchecked((hash ^ c) * 16777619);
        return hash >> 8;
    }

    [GeneratedRegex(@"\b([A-Za-z_]\w*)\+0x")]
    private static partial Regex Function();

    /// <summary>A line of a stack: nothing but a function before its offset, and no question mark.</summary>
    [GeneratedRegex(@"^(?:<\d>)?(?:\[[ \d.T]*\])*\s*(?:\[<[0-9a-f]+>\]\s*)?([A-Za-z_]\w*)\+0x[0-9a-f]+/0x[0-9a-f]+")]
    private static partial Regex Frame();
}
