using System.Net;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Sources.Machines;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Rehearsals;

/// <summary>The network of a rehearsal, by the target's address, the machine's card, and what the image sets.</summary>
internal static class RehearsalPlanNetwork
{
    private static readonly (string Module, string Card)[] Cards =
        [("virtio_net", "virtio-net-pci"), ("e1000e", "e1000e"), ("vmxnet3", "vmxnet3"), ("e1000", "e1000")];

    public static RehearsalNetwork Make(MachineTree root, Facts facts, DumpTarget target, Func<string, bool> inImage, List<string> notShown)
    {
        string host = target.Spec[(target.Spec.IndexOf('@') + 1)..].Split(target.Kind == TargetKind.Nfs ? ":/" : "/")[0];
        bool named = !IPAddress.TryParse(host, out IPAddress? ip);
        if (ip is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 })
            throw new InputException(target.Spec, "address", -1, "is of IPv6, and only IPv4 can be rehearsed");
        string name = Physical(root, Routes.To(root, target.Spec) ?? "", 0);
        string module = root.Link($"/sys/class/net/{name}/device/driver") is { } link ? link[(link.LastIndexOf('/') + 1)..] : "";
        string? card = Array.Find(Cards, c => c.Module == module).Card ?? Array.Find(Cards, c => inImage(c.Module)).Card;
        if (card is null)
            throw new InputException("the image", "network driver", -1, "has none for a card that QEMU could play (virtio_net, e1000e, " +
                "vmxnet3, e1000): this image cannot be rehearsed");
        if (!Array.Exists(Cards, c => c.Module == module))
            notShown.Add($"the network card: QEMU has none like it, or none is known; {card} stands in for it");
        string fixedAddress = facts.Of<ImageAddress>().FirstOrDefault(a => a.Address.Length > 0)?.Address ?? "";
        string router = facts.Of<ImageAddress>().FirstOrDefault(a => a.Router.Length > 0)?.Router ?? "";
        string server;
        if (named)
            server = fixedAddress.Length > 0 ? Beside(fixedAddress, router) : "10.0.2.100";
        else
            server = host;
        if (named)
            notShown.Add($"whether {host} is a name that the crash kernel can resolve");
        notShown.Add(target.Kind == TargetKind.Ssh ? "the server: its host key, whether it takes the key, room on it"
            : "the server: its exports, the protocol's versions, room on it");
        notShown.Add("bonds, bridges, VLANs and switches between the card and the server");
        return new RehearsalNetwork
        {
            Target = target, Server = server, Card = card, HostName = named ? host : "",
            Mac = root.Text($"/sys/class/net/{name}/address") is { Length: 17 } mac ? mac : "",
            Router = router == server ? "" : router,
            Subnet = RehearsalNetwork.SubnetOf(server, fixedAddress, router) ??
                throw new InputException(target.Spec, "address", -1, "and the image's own address have no network in common"),
        };
    }

    /// <summary>A card below a bond, bridge or VLAN.</summary>
    private static string Physical(MachineTree root, string name, int depth)
    {
        if (name.Length == 0 || depth > 8 || root.Link($"/sys/class/net/{name}/device") is not null)
            return name;
        string real = root.Resolve($"/sys/class/net/{name}") ?? "";
        return root.List(real).FirstOrDefault(n => n.StartsWith("lower_", StringComparison.Ordinal)) is { } lower
            ? Physical(root, lower["lower_".Length..], depth + 1) : name;
    }

    /// <summary>Another address of the same /24.</summary>
    private static string Beside(string address, string router)
    {
        string head = address[..(address.LastIndexOf('.') + 1)];
        return new[] { "100", "101", "102" }.Select(n => head + n).First(a => a != address && a != router);
    }
}
