using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A user wrote a device's address into a driver's <c>bind</c> or <c>unbind</c> file.</summary>
/// <param name="Driver">From the shell's prompt or the path; empty when neither tells.</param>
/// <param name="Bind">True for bind.</param>
public sealed record RebindTried(Source Source, string Driver, string Device, bool Bind) : Fact(Source);

/// <summary>Reads <c>initqueue:/sys/bus/pci/drivers/nvme# echo 0000:01:00.0 > unbind</c> out of a recorded shell session.</summary>
public sealed class ShellRebinds : LineParser
{
    public override string Kind => "shell session";

    public override IReadOnlyList<string> Signs => ["echo "];

    public override bool Line(in TextLine line, Facts facts)
    {
        var c = new TextCursor(line.Text);
        if (!c.Before("echo ", out ReadOnlySpan<char> prompt) || !c.Before(">", out ReadOnlySpan<char> what))
            return false;
        ReadOnlySpan<char> device = what.Trim(" \"'");
        ReadOnlySpan<char> file = c.Rest.Trim(" >");
        bool unbind = file.EndsWith("unbind", StringComparison.Ordinal);
        if (!PciAddress.TryParse(device, out PciAddress address) || (!unbind && !file.EndsWith("bind", StringComparison.Ordinal)))
            return false;
        // The directory stands in the prompt or before the file name.
        ReadOnlySpan<char> directory = file.Contains('/') ? file[..file.LastIndexOf('/')] : prompt.TrimEnd("#$ ");
        string driver = directory.Contains("/drivers/", StringComparison.Ordinal) ? directory[(directory.LastIndexOf('/') + 1)..].ToString()
            : "";
        facts.Add(new RebindTried(line.ToSource(), driver, address.ToString(), Bind: !unbind));
        return true;
    }
}
