namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// The old memory could not be opened or read: fs/proc/vmcore.c gives an error number, which the program that copies prints in the
/// C library's words. Such an error is about the memory or its description, not about an old program.
/// </summary>
internal static class MemoryMessages
{
    public const string Missing = "missing", Address = "address", Mapping = "mapping";

    private const string Fault = "Bad address", NoMemory = "Cannot allocate memory", Io = "Input/output error",
        NoDevice = "No such device or address", Range = "Numerical result out of range", Argument = "Invalid argument";

    public static readonly ToolMessage[] All =
    [
        Open("Cannot open /proc/vmcore: No such file or directory"),
        Open("Can't open the dump memory(/proc/vmcore). No such file or directory"),
        Open("cannot stat '/proc/vmcore': No such file or directory"),
        Open("cannot open '/proc/vmcore'*No such file or directory"),
        Open("/proc/vmcore: No such file or directory"),
        .. Reads(Fault,
            "the page at that place is in the description of the old memory (elfcorehdr) and cannot be read (EFAULT): " +
            "memory that was taken away from this machine, " +
            "by the hypervisor (balloon, hot-unplug, confidential memory) or as faulty, or a description that is wrong"),
        .. Reads(NoMemory,
            "the kernel would not map that place (ENOMEM). " +
            "This is no lack of memory: ioremap refuses what the crash kernel itself uses as RAM, " +
            "so the description of the old memory (elfcorehdr) names a range that it should leave out"),
        .. Reads(Io, "the kernel could not read that place (EIO)"),
        .. Reads(NoDevice, "that place is not in the description of the old memory (ENXIO)"),
        .. Reads(Range, "that place is outside of what can be mapped (ERANGE)"),
        .. Reads(Argument, "the kernel would not read that place (EINVAL)"),
        .. Reads("Operation not permitted", "the kernel does not allow it (EPERM)"),
        new(ToolStage.Reading, "ioremap on RAM at {w} - {w}", "") { Mark = Mapping },
        new(ToolStage.Reading, "readmem: type_addr: {w}, addr:{w}, size:{w}", "") { Mark = Address },
    ];

    private static ToolMessage Open(string wording) => new(ToolStage.Opening, wording, "") { Mark = Missing };

    private static IEnumerable<ToolMessage> Reads(string error, string why) =>
        ((string[])["Can't read the dump memory({e}). ", "error reading '/proc/vmcore': ", "reading `/proc/vmcore': ",
            "read errors mapping \"/proc/vmcore\": ", "cat: /proc/vmcore: ", "scp: /proc/vmcore: ", "Can't read /proc/vmcore: "])
            .Select(wording => new ToolMessage(ToolStage.Reading, wording + error, why) { Mark = error });
}
