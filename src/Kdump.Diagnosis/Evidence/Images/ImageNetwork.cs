namespace Kdump.Diagnosis.Evidence.Images;

/// <summary>One way the image brings a network interface up: a parameter of dracut (dracut.cmdline(7)) or a profile of
/// NetworkManager.</summary>
/// <param name="Interface">Its name in the crash kernel; empty when not said.</param>
/// <param name="Mac">The card it is bound to; empty when by name.</param>
/// <param name="Address">Of IPv4, without the prefix; empty where it is not given.</param>
/// <param name="Asks">It asks for an address (DHCP).</param>
public sealed record ImageAddress(Source Source, string Interface, string Mac, string Address, bool Asks) : Fact(Source)
{
    /// <summary>The router that is set beside the address; empty otherwise.</summary>
    public string Router { get; init; } = "";
}

/// <summary>What the image knows of the network does not lead to the dump target on this machine any more.</summary>
/// <param name="Machine">What the machine has instead.</param>
/// <param name="Problem">In words, with both sides.</param>
public sealed record ImageNetworkProblem(Source Source, Source Machine, NetworkFault Fault, string Problem) : Fact(Source);

public enum NetworkFault
{
    /// <summary>The dump goes over the network, and nothing in the image brings an interface up.</summary>
    None,

    /// <summary>No card of this machine has the address (MAC) that the image waits for.</summary>
    CardGone,

    /// <summary>The image sets an address that the machine has not.</summary>
    AddressOther,

    /// <summary>The image asks for an address, and the machine has it written down.</summary>
    AsksWhereStatic,
}
