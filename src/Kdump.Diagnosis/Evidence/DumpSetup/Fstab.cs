using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>Whose /etc/fstab it is, and with that which of its mounts matter for a dump.</summary>
public enum FstabScope
{
    /// <summary>A crash image's: dracut's --mount writes the dump target here.</summary>
    Image,

    /// <summary>A machine's whose image writes the dump: only the root matters.</summary>
    Root,

    /// <summary>
    /// A machine's whose root the crash kernel starts, which writes the dump there (kdump-tools): the mount that contains the folder of
    /// the dumps, and every other device without which local-fs.target fails (systemd-fstab-generator(8)).
    /// </summary>
    Start,
}

/// <summary>/etc/fstab (fstab(5)).</summary>
/// <param name="scope">Whose it is.</param>
/// <param name="folder">With <see cref="FstabScope.Start"/>: the folder for dumps.</param>
public sealed class Fstab(FstabScope scope, string folder = Fstab.DefaultFolder) : LineParser
{
    /// <summary>The folder for dumps of kdump-tools, if its settings name no other.</summary>
    public const string DefaultFolder = "/var/crash";

    /// <summary>The folder for dumps that a setting of the tools names (<c>path</c>, <c>KDUMP_COREDIR</c>), else the usual one.</summary>
    public static string FolderOf(Facts settings, string name) =>
        settings.Of<KdumpSetting>().LastOrDefault(s => s.Name == name && s.Value.StartsWith('/'))?.Value ?? DefaultFolder;

    private readonly List<DumpTarget> started = [];

    public override string Kind => "fstab";

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        ReadOnlySpan<char> what = c.Word();
        if (what.IsEmpty || what[0] == '#')
            return false;
        string where = Unescape(c.Word()), type = c.Word().ToString(), options = c.Word().ToString();
        if (where.Length == 0 || type.Length == 0)
            return false;
        if (scope == FstabScope.Root && where != "/")
            return true;
        Source source = line.ToSource();
        string[] given = options.Split(',');
        string? without = Array.Find(given, o => o is "nofail" or "noauto" or "nobootwait");
        if (TargetOf(source, Unescape(what), where, type) is { } target)
        {
            if (scope != FstabScope.Start || target.Kind == TargetKind.Root)
                facts.Add(target);
            else if (target.Kind == TargetKind.FileSystem && without is null && !given.Contains("_netdev"))
                started.Add(target);
        }
        // The dump must wait for its device; these options say not to.
        if (scope == FstabScope.Image && without is not null)
            facts.Add(new KdumpConfProblem(source,
                $"'{without}': the dump may start before {where} is mounted, or it is never mounted"));
        return true;
    }

    public override void End(Facts facts)
    {
        DumpTarget? dumps = started.Where(t => Holds(t.Path, folder)).MaxBy(t => t.Path.Length);
        foreach (DumpTarget target in started)
            facts.Add(ReferenceEquals(target, dumps) ? target : target with { Kind = TargetKind.Wait });
        started.Clear();
    }

    /// <summary>True if a path is a mount point or below it.</summary>
    public static bool Holds(string point, string path) =>
        point == "/" || path == point || (point.StartsWith('/') && path.StartsWith(point + "/", StringComparison.Ordinal));

    /// <summary>The role of a mount for a dump; null for mounts without a device, which cannot contain a dump.</summary>
    public static DumpTarget? TargetOf(Source source, string what, string where, string type)
    {
        if (type is "nfs" or "nfs4")
            return new(source, TargetKind.Nfs, what, type, where);
        if (type is "virtiofs" or "cifs" or "9p")
            return new(source, TargetKind.Other, what, type, where);
        if (type is "swap" || DeviceReference.Parse(what).Kind == ReferenceKind.None)
            return null;
        return new(source, where is "/" or "/sysroot" ? TargetKind.Root : TargetKind.FileSystem, what, type is "auto" ? "" : type, where);
    }

    /// <summary>\040 and its like: octal bytes.</summary>
    private static string Unescape(ReadOnlySpan<char> text)
    {
        if (!text.Contains('\\'))
            return text.ToString();
        var plain = new System.Text.StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] is >= '0' and <= '3' && text[i + 2] is >= '0' and <= '7' &&
                text[i + 3] is >= '0' and <= '7')
            {
                plain.Append((char)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
                plain.Append(text[i]);
        }
        return plain.ToString();
    }
}
