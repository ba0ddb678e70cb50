namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class LuksPassphraseAsked
{
    public static readonly Failure Entry = new("luks-passphrase-asked", "the crash kernel asked for the passphrase of an encrypted disk")
    {
        Area = Area.Reaching,
        Signs = [new Sign("Please enter passphrase for disk", "crash_dm_crypt_keys/restore isn't ready after")],
        In = Life.Capture,
        CausedBy = ["luks-key-not-linked", "dump-target-encrypted"],
        Explains = ["dump-target-missing"],
        Cause = "Nobody can enter it at the console of a crashed machine. " +
            "Newer kernels and kdump-utils pass the volume key on; here that did not happen.",
        Fixes =
        [
            new("Let kdump pass the key on (6.17 and later, x86-64)", "kdumpctl setup-crypttab && kdumpctl restart"),
            new("Or dump to a target that is not encrypted", Risk: "the dump is then readable there"),
        ],
        Origin = "kdump-utils commits d9677e1 and d70f205; kernel/crash_dump_dm_crypt.c",
    };
}
