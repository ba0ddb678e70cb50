namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// A script of the dump calls a program that the crash kernel does not have: the words of bash, dash and busybox' ash.
/// <see cref="ToolMessage.Mark"/> is the program.
/// </summary>
internal static class AbsentPrograms
{
    private static readonly string[] Programs = ["makedumpfile", "ssh", "scp", "sftp", "rsync", "dd", "cp", "mv", "mkdir", "mount"];

    /// <summary>
    /// What the scripts find out with before they save: where the target is, how much room it has. Every other script of an image calls
    /// them, too, and files have such names: only a shell's own words count. Authority: kdump-utils dracut/99kdumpbase/kdump.sh,
    /// kdump-lib-initramfs.sh; openSUSE/kdump dracut/kdump-save.
    /// </summary>
    public static readonly string[] Helpers =
        ["awk", "cat", "cut", "date", "df", "findmnt", "grep", "head", "ip", "ping", "sed", "stat", "sync", "tail", "umount"];

    public static readonly ToolMessage[] All = [.. Programs.SelectMany(Of), .. Helpers.SelectMany(h => Of(h).Take(2))];

    private static IEnumerable<ToolMessage> Of(string program) =>
        ((string[])[$": {program}: command not found", $": {program}: not found", $"/{program}: not found",
            $"/{program}: No such file or directory", $"/{program}: cannot execute: required file not found"])
            .Select(wording => new ToolMessage(ToolStage.Absent, wording,
                wording[0] == '/' && !wording.EndsWith(": not found", StringComparison.Ordinal)
                    ? $"A script that saves the dump calls {program}; " +
                        "it, or the dynamic linker that it names, is not in the crash kernel's image."
                    : $"A script that saves the dump calls {program}, which is not in the crash kernel's image.")
            { Mark = program });
}
