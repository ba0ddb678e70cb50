namespace Kdump.Diagnosis.Evidence.Images;

/// <summary>
/// One way the image brings a network interface up: a parameter of dracut (dracut.cmdline(7)) or a profile of NetworkManager.
/// </summary>
/// <param name="Interface">Its name in the crash kernel; empty when not said.</param>
/// <param name="Mac">The card it is bound to; empty when by name.</param>
/// <param name="Address">Of IPv4, without the prefix; empty where it is not given.</param>
/// <param name="Asks">The image asks for an address (DHCP).</param>
public sealed record ImageAddress(Source Source, string Interface, string Mac, string Address, bool Asks) : Fact(Source)
{
    /// <summary>The router that is configured beside the address; empty without one.</summary>
    public string Router { get; init; } = "";
}

/// <summary>The network settings in the image no longer fit this machine, so they do not lead to the dump target.</summary>
/// <param name="Machine">What the machine has instead.</param>
/// <param name="Problem">In words, with both sides.</param>
public sealed record ImageNetworkProblem(Source Source, Source Machine, NetworkFault Fault, string Problem) : Fact(Source);

public enum NetworkFault
{
    /// <summary>The dump goes over the network, and nothing in the image brings an interface up.</summary>
    None,

    /// <summary>No card of this machine has the address (MAC) that the image waits for.</summary>
    CardGone,

    /// <summary>The image sets an address that the machine does not have.</summary>
    AddressOther,

    /// <summary>The image asks for an address by DHCP, and the machine has a static one.</summary>
    AsksWhereStatic,
}
