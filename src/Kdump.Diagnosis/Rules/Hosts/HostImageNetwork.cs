using Kdump.Diagnosis.Evidence.Images;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The dump goes over the network, and the image does not bring it up, or not as this machine has it now.</summary>
public sealed class HostImageNetwork : Rule
{
    public override string Id => "image-network-wrong";

    public override Entry Entry => new("image-network-wrong", "the image does not bring up the network that the dump goes over")
    {
        Area = Area.Image,
        Signature = ["no ip= in /etc/cmdline.d and no profile of NetworkManager in the image of a dump to NFS or ssh",
            "a MAC address in ifname= or a profile that no card of the machine has", "an address in ip= that the machine has not"],
        Cause = "kdump-utils and SUSE's kdump write the network settings of the build time into the image. " +
            "A card that was replaced since, a changed address, or a change from DHCP to a static address is not in it.",
        Fixes = [new("Rebuild the image while the machine reaches the target", "kdumpctl rebuild && kdumpctl restart")],
        Origin = "dracut.cmdline(7) ip=, ifname=; kdump-utils dracut/99kdumpbase/module-setup.sh",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (ImageNetworkProblem p in facts.Of<ImageNetworkProblem>())
        {
            (Severity severity, double sure, string why) = p.Fault switch
            {
                NetworkFault.None => (Severity.Error, 0.85,
                    "Without ip= or a profile the crash kernel leaves its cards down, and the target is never reached."),
                NetworkFault.CardGone => (Severity.Error, 0.9,
                    "The image binds its settings to a card by its hardware address; no other card gets them, so the network stays down."),
                NetworkFault.AddressOther => (Severity.Warning, 0.75,
                    "The address was this machine's when the image was built. Now it may be another machine's, or lead nowhere."),
                _ => (Severity.Warning, 0.75,
                    "Where nobody answers, the crash kernel waits for the lease and dumps nothing."),
            };
            yield return new Finding(Id, p.Problem, severity, sure, why)
            {
                Subject = p.Source.Place,
                Evidence = [p.Source, p.Machine],
                Fixes = [.. DumpImage.Rebuild("Rebuild the image while the machine reaches the target")],
            };
        }
    }
}
