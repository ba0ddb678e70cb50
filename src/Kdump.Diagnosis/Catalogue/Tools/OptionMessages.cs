namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// kexec was given an option that it does not know: getopt_long's words. Options differ by architecture (--reset-vga, --console-vga: x86
/// only) and by version.
/// </summary>
internal static class OptionMessages
{
    public static readonly ToolMessage[] All =
    [
        Kexec("unrecognized option '{e}'", "an option that it does not know, {1}"),
        Kexec("invalid option -- '{e}'", "an option that it does not know, -{1}"),
        Kexec("option '{e}' requires an argument", "the option {1} without its value"),
        Kexec("option '{e}' doesn't allow an argument", "the option {1} with a value that it does not take"),
        Kexec("option '{e}' is ambiguous", "an option that fits several, {1}"),
    ];

    private static ToolMessage Kexec(string wording, string what) => new(ToolStage.Loading, $"kexec: {wording}",
        $"kexec was given {what}, printed its usage and loaded nothing. " +
        "Options differ by architecture (--reset-vga and --console-vga exist on x86 only) and by version.",
        [
            new("Take the option out: KEXEC_ARGS in /etc/sysconfig/kdump, KDUMP_KEXEC_ARGS in /etc/default/kdump-tools, " +
                "or the script that calls kexec; this one knows", "kexec --help; kexec --version; uname -m"),
        ]);
}
