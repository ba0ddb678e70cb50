namespace Kdump.Diagnosis.Catalogue.Failures;

internal static class ElfcorehdrCut
{
    public static readonly Failure Entry = new("elfcorehdr-cut", "the crash kernel's command line was truncated inside elfcorehdr={1}")
    {
        Area = Area.Starting,
        Signs =
        [
            "elfcorehdr={t}",
            new Sign("Core image elf header*not ", "Kdump: vmcore not initialized", "Cannot open /proc/vmcore: No such file",
                "Can't open the dump memory(/proc/vmcore). No such file"),
        ],
        Holds = taken => WithoutAddress(taken[0]),
        Severity = Severity.Critical,
        Explains = ["vmcore-not-there"],
        Cause = "elfcorehdr=SIZE@ADDRESS lost its address: the kernel keeps only so many characters of its command line " +
            "(COMMAND_LINE_SIZE: 512 on loongarch before 6.18, 256 to 2048 on others), and kexec puts its own parameters at the end. " +
            "So the header of the old memory is not found and /proc/vmcore is not made.",
        Fixes =
        [
            new("Take parameters out of the crash kernel's command line: KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump",
                "wc -c /proc/cmdline; kdumpctl restart"),
            new("Or a kernel that takes longer command lines (COMMAND_LINE_SIZE)"),
        ],
        Origin = "fs/proc/vmcore.c setup_elfcorehdr(), include/asm-generic/setup.h; Linux commit f7794a4d92ad",
    };

    /// <summary>A number below 1 MiB without an address is the size: no architecture keeps the header there.</summary>
    private static bool WithoutAddress(string rest)
    {
        string word = rest.Split(' ')[0];
        string digits = word.TrimEnd('K', 'k');
        return word.EndsWith('K') && long.TryParse(digits, System.Globalization.NumberStyles.None, null, out long kib) && kib is > 0 and
            < 1024;
    }
}
