using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Archives;

namespace Kdump.Sources.Images;

/// <summary>
/// How an image of dracut brings the network up: <c>ip=</c> and <c>ifname=</c> of /etc/cmdline.d and of the crash kernel's command line
/// (dracut.cmdline(7)), profiles of NetworkManager, files of systemd-networkd.
/// </summary>
public static class ImageAddresses
{
    private static readonly string[] Protocols =
        ["dhcp", "on", "any", "dhcp4", "dhcp6", "auto6", "either6", "link6", "link-local", "ibft", "single-dhcp", "auto"];

    public static void Collect(ImageView view, Facts facts)
    {
        var macs = new Dictionary<string, string>(StringComparer.Ordinal);
        (Source Source, string Name, string Value)[] options = [.. Options(view, facts)];
        foreach ((_, _, string value) in options.Where(o => o.Name == "ifname"))
        {
            if (value.IndexOf(':') is > 0 and var colon)
                macs[value[..colon]] = value[(colon + 1)..];
        }
        foreach ((Source source, string name, string value) in options)
        {
            if (name == "ip")
                facts.Add(Ip(source, value, macs));
            else if (name is "rd.neednet" or "netroot" or "bond" or "team" or "bridge" or "vlan" or "nfsroot")
                facts.Add(new ImageAddress(source, "", "", "", name == "rd.neednet"));
        }
        foreach (string folder in new[] { "/etc/NetworkManager/system-connections", "/usr/lib/NetworkManager/system-connections" })
        {
            foreach (ImageNode node in (view.Find(folder)?.Children ?? []).Where(c => c.IsFile))
                Profile(view, node, facts);
        }
        foreach (ImageNode node in (view.Find("/etc/systemd/network")?.Children ?? [])
            .Where(c => c.Name.EndsWith(".network", StringComparison.Ordinal)))
            facts.Add(new ImageAddress(view.Quote(node, node.Name), "", "", "", true));
    }

    private static IEnumerable<(Source, string Name, string Value)> Options(ImageView view, Facts facts)
    {
        IEnumerable<ImageNode> files = (view.Find("/etc/cmdline.d")?.Children ?? []).Append(view.Find("/etc/cmdline")!)
            .Where(n => n is { IsFile: true });
        foreach (ImageNode node in files)
        {
            int number = 0;
            foreach (string line in (view.Text(node.Path) ?? "").Split('\n'))
            {
                number++;
                foreach (KernelParameter p in CommandLine.Parse(line).Parameters)
                    yield return (Source.Of(view.Shown(node.Path), line, number), p.Name, p.Value ?? "");
            }
        }
        foreach (CaptureParameter p in facts.Of<CaptureParameter>())
            yield return (p.Source, p.Name, p.Value ?? "");
    }

    /// <summary><c>ip=dhcp</c>, <c>ip=eth0:dhcp</c>, <c>ip=CLIENT:PEER:GATEWAY:MASK:HOST:eth0:none</c>.</summary>
    private static ImageAddress Ip(Source source, string value, Dictionary<string, string> macs)
    {
        // An address of IPv6 stands in brackets and is not judged.
        string[] parts = value.Contains('[') ? [] : value.Split(':');
        string name = "", address = "";
        bool asks = false;
        if (parts.Length == 1)
            asks = true;
        else if (parts.Length > 1 && Protocols.Contains(parts[1]))
            (name, asks) = (parts[0], true);
        else if (parts.Length >= 6)
        {
            name = parts[5];
            asks = parts.Length > 6 && Protocols.Contains(parts[6]);
            address = asks ? "" : parts[0];
        }
        return new(source, name, macs.GetValueOrDefault(name, ""), address, asks) { Router = address.Length > 0 ? parts[2] : "" };
    }

    /// <summary>A keyfile of NetworkManager (nm-settings-keyfile(5)); only these lines of it are quoted.</summary>
    private static void Profile(ImageView view, ImageNode node, Facts facts)
    {
        string section = "", name = "", mac = "", method = "", address = "";
        foreach (string row in (view.Text(node.Path) ?? "").Split('\n'))
        {
            string line = row.Trim();
            if (line is ['[', .., ']'])
                section = line[1..^1];
            else if (line.IndexOf('=') is > 0 and var at)
            {
                string value = line[(at + 1)..].Trim();
                switch (section, line[..at].Trim())
                {
                    case ("connection", "interface-name"): name = value; break;
                    case ("ethernet" or "802-3-ethernet", "mac-address"): mac = value; break;
                    case ("ipv4", "method"): method = value; break;
                    case ("ipv4", "address1"): address = value.Split('/', ',')[0]; break;
                }
            }
        }
        bool asks = method == "auto";
        string setting;
        if (asks)
            setting = "[ipv4] method=auto";
        else
            setting = address.Length > 0 ? $"[ipv4] address1={address}" : $"[ipv4] method={method}";
        facts.Add(new ImageAddress(view.Quote(node, setting), name, mac, asks ? "" : address, asks));
    }
}
