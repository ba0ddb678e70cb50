using System.Globalization;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Hosts;

/// <summary>
/// What earlier crashes left on a machine, and what changed since the last dump. Names of dumps: kdump-utils (<c>vmcore</c>,
/// <c>vmcore-incomplete</c>, <c>vmcore.flat</c>), kdump-tools (<c>dump.*</c>, <c>dump-incomplete</c>), SUSE (<c>vmcore</c>).
/// </summary>
public static class HostHistory
{
    private const int MaxDumps = 256, MaxLog = 256 << 10, MaxImage = 512 << 20;

    private const string CrashKernelLog = "kexec-dmesg.log";

    public static void Collect(MachineTree root, Facts facts)
    {
        string[] places = [.. Places(facts).Concat(Mounted(root, facts)).Distinct()];
        foreach (string place in places)
            Dumps(root, place, facts);
        Records(root, facts);
        Wtmp.Collect(root, facts);
        Test(root, facts);
        PastRehearsals.Collect(root, facts);
        Image(root, facts);
        if (places.Any(root.IsFolder) || root.IsFile(Wtmp.Path) || facts.Any<PastRehearsal>())
            facts.Add(new HistorySeen(new Source(root.Shown(places[0]), string.Join(", ", places)), places));
        if (facts.Of<PastDump>().Where(d => d.Complete).MaxBy(d => d.Time) is { } last)
            Changes(root, last, facts);
    }

    private static IEnumerable<string> Places(Facts facts)
    {
        foreach (KdumpSettingPlace place in KdumpSettingPlace.Of(facts))
            yield return place.Path;
        yield return "/var/crash";
    }

    /// <summary>The folder on a file system of its own, where that is mounted now.</summary>
    private static IEnumerable<string> Mounted(MachineTree root, Facts facts)
    {
        string path = facts.Of<KdumpSetting>().LastOrDefault(s => s.Name == "path" && s.Value.StartsWith('/'))?.Value ?? SavePath.Default;
        var targets = new ImageTargets(root, new Facts());
        foreach (DumpTarget target in facts.Of<DumpTarget>().Where(t => t.Kind is TargetKind.FileSystem or TargetKind.Nfs).ToArray())
        {
            string? node = targets.NodeOf(target);
            foreach (string line in (root.Text("/proc/mounts") ?? "").Split('\n'))
            {
                string[] words = line.Split(' ');
                if (words.Length > 3 && (words[0] == target.Spec ||
                    (node is not null && words[0].StartsWith("/dev/", StringComparison.Ordinal)
                    && targets.NodeOf(target with { Kind = TargetKind.FileSystem, Spec = words[0] }) == node)))
                    yield return words[1].TrimEnd('/') + path;
            }
        }
    }

    /// <summary>
    /// Nothing in the dump's name tells a whole one of SUSE from a torn one: kdump-save writes README.txt first and again at the end, with
    /// what became of each file. An empty file is no dump of anybody's.
    /// </summary>
    private static bool IsWhole(MachineTree root, string folder, string name)
    {
        string readme = root.Text($"{folder}/README.txt") ?? "";
        int status = readme.IndexOf("vmcore status: ", StringComparison.Ordinal);
        return !readme.Contains("likely incomplete", StringComparison.Ordinal) &&
            (status < 0 || readme.AsSpan(status).StartsWith("vmcore status: saved successfully", StringComparison.Ordinal)) &&
            !(root.IsFile($"{folder}/{name}") && root.Length($"{folder}/{name}") == 0);
    }

    /// <summary>A folder for each crash, with the dump, its log, and the log of the crash kernel in it.</summary>
    private static void Dumps(MachineTree root, string place, Facts facts)
    {
        foreach (string folder in root.List(place).Take(MaxDumps))
        {
            string[] names = [.. root.List($"{place}/{folder}")];
            string? dump = names.FirstOrDefault(n => n is "vmcore" or "vmcore.flat" || (n.StartsWith("dump.", StringComparison.Ordinal)) ||
                n.StartsWith("vmcore.", StringComparison.Ordinal));
            string? torn = names.FirstOrDefault(n => n.Contains("incomplete", StringComparison.Ordinal));
            string? log = names.FirstOrDefault(n => n.Contains("dmesg", StringComparison.Ordinal) && n != CrashKernelLog);
            if ((dump ?? torn ?? log ?? names.FirstOrDefault(n => n == CrashKernelLog)) is not { } name ||
                facts.Of<PastDump>().Any(d => d.Path == $"{place}/{folder}/{name}"))
                continue;
            string path = $"{place}/{folder}/{name}";
            (string release, string line, string firmware) = log is null ? ("", "", "") : Log(root, $"{place}/{folder}/{log}");
            PastDumpState state;
            if (dump is not null && IsWhole(root, $"{place}/{folder}", name))
                state = PastDumpState.Whole;
            else
                state = (dump ?? torn) is not null ? PastDumpState.Torn : PastDumpState.LogOnly;
            facts.Add(new PastDump(new Source(root.Shown(path), folder), path, root.Modified(path), root.Length(path), state, release, line,
                firmware) { Failed = state == PastDumpState.Whole ? null : Failed(root, $"{place}/{folder}/{CrashKernelLog}") });
        }
    }

    /// <summary>kdump-utils kdump.sh: <c>saving vmcore failed, exitcode:1</c>.</summary>
    private static Source? Failed(MachineTree root, string path)
    {
        int number = 0;
        foreach (string line in (root.Bytes(path, MaxLog) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : "").Split('\n'))
        {
            number++;
            if (line.Contains("saving vmcore failed", StringComparison.Ordinal))
                return Source.Of(root.Shown(path), line.TrimEnd('\r'), number);
        }
        return null;
    }

    private static (string Release, string CommandLine, string Firmware) Log(MachineTree root, string path)
    {
        string release = "", line = "", firmware = "";
        foreach (string row in (root.Bytes(path, MaxLog) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : "").Split('\n'))
        {
            if (release.Length == 0 && After(row, "Linux version ") is { } banner)
                release = banner.Split(' ')[0];
            if (line.Length == 0 && After(row, "ommand line: ") is { } options)
                line = options.Trim();
            if (firmware.Length == 0 && After(row, "DMI: ") is { } machine)
                firmware = machine.Trim();
        }
        return (release, line, firmware);
    }

    private static string? After(string row, string mark) =>
        row.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at ? row[(at + mark.Length)..] : null;

    private static void Records(MachineTree root, Facts facts)
    {
        foreach (string name in root.List("/sys/fs/pstore").Where(n => n.StartsWith("dmesg-", StringComparison.Ordinal)))
            facts.Add(new PastRecord(new Source(root.Shown("/sys/fs/pstore/" + name), name), "pstore",
                root.Modified("/sys/fs/pstore/" + name)));
        foreach (string folder in root.List("/var/lib/systemd/pstore").Take(MaxDumps))
        {
            string path = $"/var/lib/systemd/pstore/{folder}";
            string? name = root.List(path).FirstOrDefault(n => n.StartsWith("dmesg", StringComparison.Ordinal));
            if (name is not null || folder.StartsWith("dmesg-", StringComparison.Ordinal))
                facts.Add(new PastRecord(new Source(root.Shown(name is null ? path : $"{path}/{name}"), folder), "pstore",
                    root.Modified(name is null ? path : $"{path}/{name}")));
        }
        if (BootErrorRecord.Status(root) is { } status)
            facts.Add(new PastRecord(new Source(root.Shown(BootErrorRecord.Path), "block status " + Convert.ToHexString(status)), "BERT",
                0));
    }

    private static void Test(MachineTree root, Facts facts)
    {
        const string path = "/var/lib/kdump/vmcore-creation.status";
        if (root.Text(path) is { Length: > 0 } text &&
            text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is [var status, ..] words)
            facts.Add(new DumpTest(Source.Of(root.Shown(path), text.Split('\n')[0], 1), status,
                words.Length > 1 && long.TryParse(words[1], CultureInfo.InvariantCulture, out long time) ? time : root.Modified(path)));
    }

    /// <summary>The machine's image by its content: a rehearsal is of one image.</summary>
    private static void Image(MachineTree root, Facts facts)
    {
        if (!facts.Any<PastRehearsal>() || facts.Of<ExpectedImage>() is not [{ State: ExpectedImageState.There } image, ..])
            return;
        using Stream? file = root.Open(image.Path);
        if (file is { Length: < MaxImage })
            facts.Add(new ImageNow(image.Source, image.Path, PastRehearsals.Hash(file), root.Modified(image.Path)));
    }

    private static void Changes(MachineTree root, PastDump last, Facts facts)
    {
        if (last.Release.Length > 0 && facts.Of<MachineKernel>() is [var kernel, ..] && kernel.Release != last.Release)
            facts.Add(new ChangedSinceDump(kernel.Source, "kernel", last.Release, kernel.Release));
        if (last.CommandLine.Length > 0 && root.Text("/proc/cmdline") is { Length: > 0 } line && Essence(line) != Essence(last.CommandLine))
            facts.Add(new ChangedSinceDump(Source.Of(root.Shown("/proc/cmdline"), line, 1), "command line", last.CommandLine, line));
        const string bios = "/sys/class/dmi/id/bios_version";
        if (last.Firmware.Length > 0 && root.Text(bios) is { Length: > 0 } version &&
            !last.Firmware.Contains(version, StringComparison.Ordinal))
            facts.Add(new ChangedSinceDump(Source.Of(root.Shown(bios), version, 1), "firmware", last.Firmware, version));
        if (last.Time == 0)
            return;
        foreach (ExpectedImage image in facts.Of<ExpectedImage>())
            Newer("image", image.Path);
        foreach (string path in new[] { "/etc/kdump.conf", "/etc/sysconfig/kdump", "/etc/default/kdump-tools" })
            Newer("configuration", path);

        void Newer(string what, string path)
        {
            if (root.Modified(path) is > 0 and var when && when > last.Time)
                facts.Add(new ChangedSinceDump(new Source(root.Shown(path), "modified " + UtcTime.Minute(when)), what,
                    UtcTime.Minute(last.Time), UtcTime.Minute(when)));
        }
    }

    /// <summary>Without the path of the kernel, which every update changes.</summary>
    private static string Essence(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Where(w => !w.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
}
