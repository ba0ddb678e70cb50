using System.Globalization;
using System.Text;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Gather;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// Finds what the newest crash left: dumps in /var/crash and where the configuration puts them, records of pstore (systemd-pstore moves
/// them to /var/lib/systemd/pstore), the last boot in the journal, and what firmware kept (BERT, which the next kernel prints).
/// </summary>
public sealed class CrashTraces
{
    private const int MaxFolders = 4096, MaxJournal = 16 << 20;

    /// <summary>Seconds within which traces belong to one crash, because writing a dump takes time.</summary>
    private const long OneCrash = 3600;

    private readonly MachineTree root;
    private readonly Func<string[], byte[]?> journal;
    private readonly bool live;
    private readonly List<CrashTrace> found = [];
    private readonly List<string> looked = [], left = [];

    /// <param name="journal">Runs journalctl with these arguments; null if it is not available or prints nothing.</param>
    /// <param name="live">The tree is the running machine, whose journal that is.</param>
    internal CrashTraces(MachineTree root, Func<string[], byte[]?> journal, bool live)
    {
        this.root = root;
        this.journal = journal;
        this.live = live;
    }

    /// <param name="root">A folder: the running machine, or the tree of one.</param>
    public static NewestCrash Newest(MachineTree root) => new CrashTraces(root, Journalctl, root.Name == "/").Find();

    internal NewestCrash Find()
    {
        foreach (string place in Places().Distinct(StringComparer.Ordinal))
            Dumps(place);
        Pstore("/sys/fs/pstore");
        Pstore("/var/lib/systemd/pstore");
        Journal();
        Firmware();
        if (found.Count == 0)
            return new([], left, looked);
        CrashTrace[] all = [.. found.OrderByDescending(t => t.Time)];
        // The newest of each kind, if it is from the same crash.
        CrashTrace[] taken = [.. all.Where(t => all[0].Time - t.Time <= OneCrash).DistinctBy(t => t.Kind)];
        foreach (IGrouping<string, CrashTrace> kind in all.Except(taken).GroupBy(t => t.Kind))
            left.Insert(0, $"{kind.Count()} older: {kind.Key} {kind.First().Place} ({UtcTime.Minute(kind.First().Time)})" +
                (kind.Count() > 1 ? " …" : ""));
        return new(taken, left, looked);
    }

    private IEnumerable<string> Places()
    {
        yield return "/var/crash";
        var own = new Facts();
        ImageMachine.Kernel(root, own);
        HostSetup.Collect(root, own);
        string mount = MountOf(own.Of<DumpTarget>().FirstOrDefault());
        foreach (KdumpSettingPlace place in KdumpSettingPlace.Of(own))
        {
            yield return place.Path;
            if (mount.Length > 0)
                yield return mount.TrimEnd('/') + place.Path;
        }
    }

    /// <summary>The mount point of a separate target: the path in the settings is below it.</summary>
    private string MountOf(DumpTarget? target)
    {
        if (target is null || target.Kind == TargetKind.Root)
            return "";
        if (target.Kind is not TargetKind.FileSystem)
        {
            left.Add($"{target.Spec}: dumps go there, which is not looked into from here");
            return "";
        }
        var targets = new ImageTargets(root, new Facts());
        string? node = targets.NodeOf(target);
        foreach (string line in node is null ? [] : (root.Text("/proc/mounts") ?? "").Split('\n'))
        {
            string[] words = line.Split(' ');
            if (words.Length > 3 && words[0].StartsWith("/dev/", StringComparison.Ordinal) &&
                targets.NodeOf(new DumpTarget(target.Source, TargetKind.FileSystem, words[0], words[2], "")) == node)
                return words[1];
        }
        left.Add($"{target.Spec}: the dump target is not mounted, so it was not looked into");
        return "";
    }

    /// <summary>A folder for each crash, or one for each host with those in it.</summary>
    private void Dumps(string place)
    {
        int before = found.Count;
        foreach (string name in root.List(place).Take(MaxFolders))
        {
            string path = $"{place}/{name}";
            if (!root.IsFolder(path))
            {
                if (IsDump(name))
                    found.Add(new("dump", root.Shown(path), root.Modified(path)));
            }
            else if (!Dump(path))
            {
                foreach (string inner in root.List(path).Take(MaxFolders))
                    _ = root.IsFolder($"{path}/{inner}") && Dump($"{path}/{inner}");
            }
        }
        Looked(place, found.Count - before, "dump", "dumps");
    }

    private bool Dump(string folder)
    {
        long[] times = [.. root.List(folder).Where(IsDump).Select(n => root.Modified($"{folder}/{n}"))];
        if (times.Length > 0)
            found.Add(new("dump", root.Shown(folder), times.Max()));
        return times.Length > 0;
    }

    /// <summary>kdump-utils, SUSE: vmcore…; kdump-tools: dump.…, dmesg.…; apport: linux-image-….crash.</summary>
    private static bool IsDump(string name) => name.StartsWith("vmcore", StringComparison.Ordinal) ||
        name.StartsWith("dump.", StringComparison.Ordinal) || name.StartsWith("dump-incomplete", StringComparison.Ordinal) ||
        name.StartsWith("dmesg.", StringComparison.Ordinal) || name is "kexec-dmesg.log" ||
        (name.StartsWith("linux-image-", StringComparison.Ordinal) && name.EndsWith(".crash", StringComparison.Ordinal));

    private void Pstore(string place)
    {
        int before = found.Count;
        string[] names = [.. root.List(place)];
        string[] records = [.. names.Where(n => n.StartsWith("dmesg", StringComparison.Ordinal))];
        if (records.Length > 0)
            found.Add(new("pstore", root.Shown(place), records.Max(n => root.Modified($"{place}/{n}"))));
        foreach (string folder in names.Where(n => root.IsFolder($"{place}/{n}")).Take(MaxFolders))
        {
            string[] kept = [.. root.List($"{place}/{folder}").Where(n => n.StartsWith("dmesg", StringComparison.Ordinal))];
            if (kept.Length > 0)
                found.Add(new("pstore", root.Shown($"{place}/{folder}"), kept.Max(n => root.Modified($"{place}/{folder}/{n}"))));
        }
        Looked(place, found.Count - before, "record of a crash", "records of crashes");
    }

    private void Journal()
    {
        if (!live)
        {
            looked.Add("the journal: not searched, because journalctl cannot be used for the tree of another machine");
            return;
        }
        if (journal(["-b", "-1", "-o", "short-unix", "-n", "50"]) is not { Length: > 0 } end)
        {
            looked.Add("the journal: no entries of the last boot (no journalctl, no persistent journal, or not readable by this user)");
            return;
        }
        string[] lines = Encoding.UTF8.GetString(end).TrimEnd('\n').Split('\n');
        _ = double.TryParse(lines[^1].Split(' ')[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double time);
        string when = UtcTime.Minute((long)Math.Clamp(time, 0, 1L << 35));
        // journald's last message at a shutdown: the boot ended normally.
        if (Array.Exists(lines, l => l.Contains("Journal stopped", StringComparison.Ordinal) ||
            l.Contains("Received SIGTERM from PID 1", StringComparison.Ordinal)))
        {
            looked.Add($"the journal: the last boot ended with a normal shutdown ({when})");
            return;
        }
        looked.Add($"the journal: the last boot ends at {when} without a shutdown");
        const string command = "-b -1 -k -o short-precise";
        if (journal([.. command.Split(' '), "-n", "20000"]) is { Length: > 0 } log)
            found.Add(new("journal of the last boot", $"journalctl {command}", (long)Math.Clamp(time, 0, 1L << 35), log));
    }

    private void Firmware()
    {
        bool kept = BootErrorRecord.Status(root) is not null;
        looked.Add($"BERT: {(kept ? "firmware kept a hardware error" : "nothing")}");
        if (!kept)
            return;
        string[] lines = live && journal(["-b", "0", "-k", "-o", "short-precise"]) is { } log
            ? [.. Encoding.UTF8.GetString(log).Split('\n').Where(l => l.Contains("BERT: ", StringComparison.Ordinal) ||
                l.Contains("[Hardware Error]", StringComparison.Ordinal))] : [];
        if (lines.Length == 0)
            left.Add($"{root.Shown(BootErrorRecord.Path)}: firmware kept a hardware error; the kernel that booted next prints it " +
                "(BERT: Error records)");
        else
            found.Add(new("BERT", "journalctl -b 0 -k: BERT", found.Count == 0 ? 0 : found.Max(t => t.Time),
                Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n")));
    }

    private void Looked(string place, int count, string one, string many) => looked.Add($"{root.Shown(place)}: " +
        count switch
        {
            > 0 => $"{count} {(count == 1 ? one : many)}",
            _ when !root.IsFolder(place) => "does not exist",
            _ when IsForbidden(place) => "not readable by this user",
            _ => "no crash found",
        });

    private bool IsForbidden(string place)
    {
        try
        {
            _ = Directory.EnumerateFileSystemEntries(root.Shown(place)).Any();
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static byte[]? Journalctl(string[] arguments)
    {
        if (BoundedProgram.Find("journalctl") is not { } program)
            return null;
        if (BoundedProgram.Run(program, ["--no-pager", "-q", .. arguments], TimeSpan.FromSeconds(20),
            MaxJournal) is { Output.Length: > 0 } said)
            return said.Output;
        return null;
    }
}
