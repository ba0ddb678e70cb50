namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class LuksKeyNotLinked
{
    public static readonly Failure Entry =
        new("luks-key-not-linked", "the key of the encrypted dump target could not be prepared for the crash kernel")
    {
        Area = Area.Preparing,
        Signs = [new Sign("Failed to get logon key ", "kexec: failed to prepare for a LUKS target",
            "Error: Could not unlock the LUKS device.")],
        In = Life.First,
        Cause = "The volume key must be in the kernel keyring of the service that loads the crash kernel; " +
            "sudo and a separate service have keyrings of their own.",
        Fixes =
        [
            new("Start it from a login shell of root", "sudo -i kdumpctl restart"),
            new("Or dump to a target that is not encrypted", Risk: "the dump is then readable there"),
        ],
        Origin = "kdump-utils kdumpctl prepare_luks(), commits 280d4b6 and c08d151",
    };
}
