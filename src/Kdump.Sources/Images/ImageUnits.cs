using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Archives;

namespace Kdump.Sources.Images;

/// <summary>
/// The units that systemd starts in an image (systemd.unit(5), systemd.service(5)): from the targets of an initrd through wants and
/// requires, in folders and in files; and whether the programs they start are there.
/// </summary>
public sealed class ImageUnits(ImageView view)
{
    /// <summary>The most units of one image; a whole distribution has some hundreds.</summary>
    private const int MaxUnits = 4096;

    private static readonly string[] Folders =
        ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    private static readonly string[] Targets =
        ["initrd.target", "default.target", "sysinit.target", "basic.target", "sockets.target", "timers.target", "paths.target"];

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly Stack<string> work = new();

    /// <summary>The line in which ExecStart names kdump-probe; null for none.</summary>
    public Source? Probe { get; private set; }

    public void Judge(Facts facts)
    {
        if (Folders.All(f => view.Find(f) is null))
            return;
        foreach (string target in Targets)
            Want(target);
        while (work.TryPop(out string? unit) && seen.Count < MaxUnits)
            Follow(unit, facts);
    }

    private void Want(string unit)
    {
        if (seen.Add(unit))
            work.Push(unit);
    }

    private void Follow(string unit, Facts facts)
    {
        int at = unit.IndexOf('@'), dot = unit.LastIndexOf('.');
        string template = at > 0 && dot > at ? unit[..(at + 1)] + unit[dot..] : unit;
        foreach (string folder in Folders)
        {
            foreach (string name in new[] { unit, template }.Distinct())
            {
                foreach (string kind in new[] { ".wants", ".requires" })
                {
                    foreach (ImageNode child in view.Find($"{folder}/{name}{kind}")?.Children ?? [])
                        Want(child.Name);
                }
                foreach (ImageNode child in view.Find($"{folder}/{name}.d")?.Children.Where(
                    c => c.Name.EndsWith(".conf", StringComparison.Ordinal)) ?? [])
                    Read(unit, child, facts);
            }
        }
        // A unit in an earlier folder hides those in later ones; a link to /dev/null masks.
        foreach (string folder in Folders)
        {
            ImageNode? named = view.Layer.Find($"{folder}/{unit}", followLast: false)
                ?? view.Layer.Find($"{folder}/{template}", followLast: false);
            if (named is null)
                continue;
            if (view.Find(named.Path) is { IsFile: true } file)
                Read(unit, file, facts);
            return;
        }
    }

    private void Read(string unit, ImageNode file, Facts facts)
    {
        var starts = new List<(string Line, string Command)>();
        bool uncertain = false;
        string stem = unit[..Math.Max(0, unit.LastIndexOf('.'))];
        foreach (string raw in (view.Text(file.Path) ?? "").Split('\n'))
        {
            string line = raw.Trim();
            int equals = line.IndexOf('=');
            if (equals <= 0 || line[0] is '#' or ';' or '[')
                continue;
            string key = line[..equals].Trim(), value = line[(equals + 1)..].Trim();
            switch (key)
            {
                case "Wants" or "Requires" or "BindsTo" or "Requisite" or "Upholds" or "Unit" or "Service" or "Sockets":
                    foreach (string other in value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                        Want(other);
                    break;
                case "ExecStart" or "ExecStartPre":
                    starts.Add((line, value));
                    break;
                // The condition holds in a crash kernel, by a file of the image, or when nothing special was asked for.
                case "ConditionPathExists" when value is "/proc/vmcore" || value.StartsWith('/') && view.Find(value) is not null:
                case "ConditionKernelCommandLine" when value.StartsWith('!'):
                    break;
                case "ConditionPathExists" or "ConditionPathIsDirectory" or "ConditionKernelCommandLine" or "ConditionFirstBoot" or
                    "ConditionVirtualization" or "ConditionSecurity" or "ConditionFileNotEmpty" or "ConditionDirectoryNotEmpty":
                    uncertain = true;
                    break;
            }
        }
        if (unit.EndsWith(".timer", StringComparison.Ordinal) || unit.EndsWith(".socket", StringComparison.Ordinal) ||
            unit.EndsWith(".path", StringComparison.Ordinal))
            Want(stem + ".service");
        foreach ((string line, string command) in starts)
            Start(unit, file, line, command, uncertain, facts);
    }

    private void Start(string unit, ImageNode file, string line, string command, bool uncertain, Facts facts)
    {
        // A dash means that the command may fail.
        string prefix = command[..(command.Length - command.TrimStart('-', '@', ':', '+', '!', '|').Length)];
        string program = command[prefix.Length..].Split(' ', 2)[0].Trim('"');
        if (program.EndsWith("/kdump-probe", StringComparison.Ordinal))
        {
            Probe ??= view.Quote(file, line);
            return;
        }
        if (uncertain || prefix.Contains('-') || program.Length == 0 || program.Contains('%') || program.Contains('$') ||
            !program.StartsWith('/'))
            return;
        if (view.Find(program) is null)
            facts.Add(new UnitProgramMissing(view.Quote(file, line), unit, program));
    }
}
