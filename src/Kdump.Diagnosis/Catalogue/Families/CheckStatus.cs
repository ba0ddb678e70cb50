namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>The bits of fsck(8)'s exit status.</summary>
internal static class CheckStatus
{
    private static readonly (int Bit, string Says)[] Bits =
    [
        (1, "errors were corrected"), (2, "the system should be restarted"), (4, "errors were left uncorrected"),
        (8, "an operational error (the check itself could not run as it should)"), (16, "wrong usage"), (32, "it was cancelled"),
        (128, "a shared library is missing"),
    ];

    /// <summary>The check was called wrongly; errors are left.</summary>
    public const int Misused = 16, Left = 4;

    private const int Restart = 2;

    /// <summary>systemd-fsck stops the start only where errors are left or the machine is to be restarted.</summary>
    public static bool IsIgnored(string status) => int.TryParse(status, out int bits) && bits is > 0 and <= 255 &&
        (bits & (Left | Restart)) == 0;

    public static string Says(int status)
    {
        string text = $"Status {status} means: {string.Join(", ", Bits.Where(b => (status & b.Bit) != 0).Select(b => b.Says))}.";
        return (status & Misused) != 0 && (status & Left) == 0 ? text + " The check was called with an option or a name that it does not " +
            "take: nothing was checked, so this is no sign of damage." : text;
    }
}
