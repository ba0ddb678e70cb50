using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// /etc/fstab (fstab(5)). In a crash image dracut's --mount writes the dump target here; in a root file system it is the machine's own,
/// of which only the root matters for a dump.
/// </summary>
public sealed class Fstab(bool rootOnly) : LineParser
{
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
        if (rootOnly && where != "/")
            return true;
        Source source = line.ToSource();
        if (TargetOf(source, Unescape(what), where, type) is { } target)
            facts.Add(target);
        // The dump must wait for its device; these options say not to.
        foreach (string option in options.Split(','))
        {
            if (!rootOnly && option is "nofail" or "noauto" or "nobootwait")
                facts.Add(new KdumpConfProblem(source,
                    $"'{option}': the dump may start before {where} is mounted, or it is never mounted"));
        }
        return true;
    }

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
