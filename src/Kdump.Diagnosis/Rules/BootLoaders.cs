using Kdump.Diagnosis.Catalogue.Tools;

namespace Kdump.Diagnosis.Rules;

/// <summary>How parameters are added to a kernel's command line on a machine.</summary>
internal enum BootLoader
{
    Unknown,

    /// <summary>RHEL, Fedora and their kin.</summary>
    Grubby,

    /// <summary>Debian, Ubuntu, Proxmox.</summary>
    UpdateGrub,

    /// <summary>SUSE.</summary>
    Mkconfig,

    /// <summary>A Raspberry Pi's firmware reads one file with one line.</summary>
    PiFirmware,
}

/// <summary>
/// Rules name grubby; this says it in the words of the distribution whose kernel, or whose kdump service, is in the inputs.
/// </summary>
internal static class BootLoaders
{
    private const string Grubby = "grubby --update-kernel=ALL --args=";

    /// <summary>Parts of a kernel's release by which its distribution is known.</summary>
    private static readonly (string Part, BootLoader Loader)[] Releases =
    [
        (".el", BootLoader.Grubby), (".fc", BootLoader.Grubby), (".amzn", BootLoader.Grubby), (".oe", BootLoader.Grubby),
        (".an", BootLoader.Grubby), (".ol", BootLoader.Grubby), ("+rpt", BootLoader.PiFirmware), ("-raspi", BootLoader.PiFirmware),
        ("-v7+", BootLoader.PiFirmware), ("-v7l+", BootLoader.PiFirmware), ("-v8+", BootLoader.PiFirmware),
        ("-pve", BootLoader.UpdateGrub), ("-generic", BootLoader.UpdateGrub), ("-amd64", BootLoader.UpdateGrub),
        ("-arm64", BootLoader.UpdateGrub), ("+deb", BootLoader.UpdateGrub), ("-lowlatency", BootLoader.UpdateGrub),
        ("-default", BootLoader.Mkconfig),
    ];

    public static BootLoader Of(Facts facts, DumpService service)
    {
        foreach (string release in facts.Boots.Select(b => b.Release).OfType<string>())
        {
            foreach ((string part, BootLoader loader) in Releases)
            {
                if (release.Contains(part, StringComparison.Ordinal))
                    return loader;
            }
        }
        return service switch
        {
            DumpService.Kdumpctl => BootLoader.Grubby,
            DumpService.KdumpTools => BootLoader.UpdateGrub,
            DumpService.Suse => BootLoader.Mkconfig,
            _ => BootLoader.Unknown,
        };
    }

    public static Fix Fit(Fix fix, BootLoader loader)
    {
        if (loader == BootLoader.Grubby || fix.For != KdumpTools.None || fix.Command is not { } command ||
            !command.StartsWith(Grubby, StringComparison.Ordinal) || command.Contains('#', StringComparison.Ordinal) ||
            Arguments(command[Grubby.Length..], out string rest) is not { } arguments)
            return fix;
        string edited = $"sed -i 's/^GRUB_CMDLINE_LINUX=\"/&{arguments.Replace("/", "\\/", StringComparison.Ordinal)} /' /etc/default/grub";
        return fix with
        {
            Command = loader switch
            {
                BootLoader.UpdateGrub => $"{edited} && update-grub{rest}",
                BootLoader.Mkconfig => $"{edited} && grub2-mkconfig -o /boot/grub2/grub.cfg{rest}",
                BootLoader.PiFirmware => $"sed -i 's/$/ {arguments.Replace("/", "\\/", StringComparison.Ordinal)}/' " +
                    $"/boot/firmware/cmdline.txt{rest}",
                _ => $"{command}   # Debian, Ubuntu: {arguments} into GRUB_CMDLINE_LINUX of /etc/default/grub, then update-grub",
            },
        };
    }

    /// <summary>The parameters that are added, without quotation marks, and what follows; null for other uses.</summary>
    private static string? Arguments(string text, out string rest)
    {
        rest = "";
        if (text.Length == 0)
            return null;
        char quote = text[0];
        bool quoted = quote is '\'' or '"';
        int end = quoted ? text.IndexOf(quote, 1) : text.IndexOf(' ', StringComparison.Ordinal);
        if (quoted && end < 0)
            return null;
        string arguments = quoted ? text[1..end] : text[..(end < 0 ? text.Length : end)];
        int behind = quoted ? end + 1 : arguments.Length;
        rest = text[behind..];
        return rest.Length > 0 && !rest.StartsWith(" && ", StringComparison.Ordinal) ? null : arguments;
    }
}
