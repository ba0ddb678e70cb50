using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.DumpSetup;

/// <summary>
/// A systemd mount unit (systemd.mount(5)): What=, Where=, Type=. In a crash image these are what dracut's --mount and the fstab
/// generator left; the device in What= is what the boot waits for.
/// </summary>
public sealed class MountUnit : LineParser
{
    private Source? source;
    private string what = "", where = "", type = "";
    private bool inMount;

    public override string Kind => "systemd mount unit";

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text.Trim();
        if (text.StartsWith("[", StringComparison.Ordinal))
            inMount = text is "[Mount]";
        int equals = text.IndexOf('=');
        if (!inMount || equals < 0)
            return false;
        string value = text[(equals + 1)..].Trim().ToString();
        switch (text[..equals].TrimEnd())
        {
            case "What":
                what = value;
                source = line.ToSource();
                return true;
            case "Where":
                where = value;
                return true;
            case "Type":
                type = value;
                return true;
            default:
                return false;
        }
    }

    public override void End(Facts facts)
    {
        if (source is not null && Fstab.TargetOf(source, what, where, type) is { } target)
            facts.Add(target);
        source = null;
        what = where = type = "";
        inMount = false;
    }
}
