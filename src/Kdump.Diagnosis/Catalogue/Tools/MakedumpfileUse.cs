namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// makedumpfile got input or options that cannot work with any kernel: a file that is no dump, a dump that was filtered before, an
/// option that this build does not know. <see cref="ToolMessage.Mark"/> is the finding's title. Wordings are makedumpfile.c's and
/// its print_info.c's.
/// </summary>
internal static class MakedumpfileUse
{
    private const string NoDump = "makedumpfile was given a file that is no dump";

    private const string NoDumpWhy = "The file is neither ELF nor a kdump-compressed dump: an initramfs, a kernel, a flattened dump, " +
        "or one that is cut at its beginning. In a crash kernel makedumpfile reads /proc/vmcore; elsewhere a vmcore that was saved.";

    private static readonly ToolFix[] WhatIsIt =
    [
        new("See what the file is; a flattened dump (written over ssh) is put together first",
            "file FILE; kdt vmcore info FILE; makedumpfile -R vmcore < FILE"),
    ];

    private static readonly ToolFix[] Newer =
    [
        new("Use a newer makedumpfile, or the compressed form instead of ELF (without -E)", "makedumpfile -v"),
    ];

    private static readonly ToolFix[] Command =
    [
        new("Compare the options with those that this version knows, in the order [OPTIONS] INPUT OUTPUT",
            "makedumpfile --help | head -40; grep -n core_collector /etc/kdump.conf; grep -n MAKEDUMP /etc/default/kdump-tools"),
    ];

    private const string OtherVersion = "The option belongs to another version, or is a typing error in core_collector.";

    public static readonly ToolMessage[] All =
    [
        Of("check_elf_format: Can't get valid {t}", NoDump, NoDumpWhy, WhatIsIt),
        Of("get_elf_info: Can't get valid {t}", NoDump, NoDumpWhy, WhatIsIt),
        Of("check_and_get_sadump_header_info: {t}", NoDump, NoDumpWhy, WhatIsIt),
        Of("get_kdump_compressed_header_info: Can't {t}", NoDump, NoDumpWhy, WhatIsIt),
        Of("Can't get the valid diskdump{t}", NoDump, NoDumpWhy, WhatIsIt),
        Of("pfn({w}) is excluded from vmcore", "makedumpfile needs a page that is not in the dump it was given (pfn 0x{1})",
            "The input was filtered before: its page 0x{1} was left out then, and is needed now to understand the rest.",
            new ToolFix("Filter once only, from /proc/vmcore or a whole dump; with --split try it without, and with a newer makedumpfile",
                "kdt vmcore verify vmcore; makedumpfile -v")),
        Of("write_elf_load_segment: Can't convert {t}", "makedumpfile could not write the dump as ELF (-E)",
            "A segment of the input holds no data at its end, which older versions of makedumpfile count wrongly when they write ELF.",
            Newer),
        Of("get_loads_dumpfile_cyclic: {t}", "makedumpfile could not write the dump as ELF (-E)",
            "It could not lay out the segments of the ELF file.", Newer),
        Of("makedumpfile: unrecognized option '{e}'", "makedumpfile does not know the option {1}", OtherVersion, Command),
        Of("makedumpfile: invalid option -- '{e}'", "makedumpfile does not know the option -{1}", OtherVersion, Command),
        Of("makedumpfile: option '{e}' requires an argument", "makedumpfile was given the option {1} without its value", OtherVersion,
            Command),
        Of("option is disabled, because this binary doesn't support {w} compression",
            "this makedumpfile was built without {1} compression", "The option asks for a packing that this build has no library for.",
            new ToolFix("Take zlib, which every build has: -c instead of -l (lzo), -p (snappy) or -z (zstd)",
                "makedumpfile -v; grep -n core_collector /etc/kdump.conf")),
        Of("Commandline parameter is invalid", "makedumpfile does not take its command line",
            "An option is of another version, two do not go together, or a file name is missing.", Command),
    ];

    private static ToolMessage Of(string wording, string title, string means, params ToolFix[] fixes) =>
        new(ToolStage.Using, wording, means, fixes) { Mark = title };
}
