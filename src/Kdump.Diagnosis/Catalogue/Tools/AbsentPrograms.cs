namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// A script of the dump calls a program that the crash kernel does not have: the words of bash, dash and busybox' ash.
/// <see cref="ToolMessage.Mark"/> is the program.
/// </summary>
internal static class AbsentPrograms
{
    private static readonly string[] Programs = ["makedumpfile", "ssh", "scp", "sftp", "rsync", "dd", "cp", "mv", "mkdir", "mount"];

    public static readonly ToolMessage[] All = [.. Programs.SelectMany(Of)];

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
