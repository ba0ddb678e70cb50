namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class NetworkSetupUnsupported
{
    public static readonly Failure Entry = new("network-setup-unsupported", "kdump cannot set up this kind of network")
    {
        Area = Area.Preparing,
        Signs = [new Sign("Vlan over bridge is not supported!", "Bad kdump network destination: ", "Wrong KDUMP_NETCONFIG mode: ")],
        In = Life.First,
        Explains = ["network-not-ready"],
        Cause = "The image does not support this stack of interfaces.",
        Fixes = [new("Send the dump through another interface, or to a local disk")],
        Origin = "kdump-utils dracut/99kdumpbase/module-setup.sh; openSUSE kdump",
    };
}
