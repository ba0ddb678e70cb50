namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// Messages of makedumpfile and vmcore-dmesg when they do not know the structures of the crashed kernel: what they searched and did
/// not find. Wordings are those of makedumpfile.c, its arch/ folder, sadump and kexec-tools' util_lib/elf_info.c.
/// </summary>
internal static class MakedumpfileMessages
{
    /// <summary>A consequence of another line; it tells nothing by itself.</summary>
    public const string Follows = "follows";

    private const string Layout = "the layout of this kernel's address space";

    /// <summary>Two lines that contradict each other: <see cref="VirtualAddressBits"/>.</summary>
    public static readonly ToolMessage Bits = Of("va_bits      : {w}",
        "It reckons with {1} bits of a virtual address (va_bits), and the dump's own notes say {2} (VA_BITS): " +
        "an old version guesses the number from an address; newer ones read it from the notes.");

    public static readonly ToolMessage[] All =
    [
        Of("PAGE SIZE {w} and VA Bits {w} not supported",
            "It does not know pages of {1} bytes with {2} address bits. " +
            "An old version guesses the number of bits from an address; newer ones (from 1.6.9) read it from the dump's own notes."),
        Of("check_elf_format: Can't get valid ehdr", "The file that it was given is no dump: it has no ELF header, and none of the other " +
            "forms that makedumpfile reads (/proc/vmcore, vmcore, a flattened file). An initramfs or a kernel image is none."),
        Of("get_elf_info: Can't get valid ehdr", "The file that it was given is no dump: it has no ELF header."),
        Looks("Can't determine platform config values", Layout),
        Looks("Cannot find a proper _stext for calculating VA_BITS", Layout),
        Looks("Can't determine va_bits", Layout),
        Looks("get_machdep_info_{w}: {t}", "{2}; it looks for what the architecture {1} needs"),
        Looks("get_versiondep_info_{w}: {t}", "{2}; it looks for what this version of {1} kernels needs"),
        Looks("Can't get the symbol of {w}", "the symbol {1}"),
        Looks("Can't get the address of system_utsname", "the kernel's version"),
        Looks("Can't get the kernel version", "the kernel's version"),
        Looks("Can't select page_is_buddy handler", "how this kernel marks free pages"),
        Looks("Can't detect max_physmem_bits", "how this kernel divides its memory into sections"),
        Looks("Can't find the memory type", "this kernel's memory model"),
        Looks("Can't get vmemmap region addresses", "where this kernel keeps its page structures"),
        Looks("Can't get vmemmap list info", "where this kernel keeps its page structures"),
        Looks("get_vmemmap_list_info: {t}", "where this kernel keeps its page structures"),
        Looks("Can't get vmlist", "where this kernel's vmalloc area begins"),
        Looks("Can't get vmap_area_list", "where this kernel's vmalloc area begins; vmap_area_list is gone since Linux 6.9"),
        Looks("Can't get vmalloc_start", "where this kernel's vmalloc area begins"),
        Looks("Can't get necessary symbols for {t}", "symbols for {1}"),
        Looks("Can't get necessary structures for {t}", "structures for {1}"),
        Looks("Can't get necessary {t}", "{1}"),
        Looks("Can't get addr_free_pages", "how this kernel lists free pages"),
        Looks("The free list is broken", "how this kernel lists free pages"),
        Looks("The number of free_pages is invalid", "how this kernel lists free pages"),
        Looks("Invalid free page order: ", "how this kernel marks free pages"),
        Looks("Invalid page_size: {w}", "the size of a page ({1} is none)"),
        Of("doesn't contain vmcoreinfo",
            "The dump has no notes of its kernel (vmcoreinfo), so structures can only be had from a vmlinux with debug information (-x)."),
        Of("Attempt to read non-existent page at {w}",
            "It accessed address {1}, where there is no memory: it misreads one of the kernel's structures for another."),
        Of("Can't convert a virtual address({w}) to physical",
            "It went to the virtual address {1}, which the kernel's page tables do not have: " +
            "it takes one of the kernel's structures for another."),
        Of("__vtop4_x86_64: Can't get a valid {w}",
            "It went to an address that the kernel's page tables do not have: it takes one of the kernel's structures for another."),
        Of("vaddr_to_paddr_{w}: {t}", "It went to an address that the kernel's page tables do not have: " +
            "it takes one of the kernel's structures for another."),
        Of("__exclude_unnecessary_pages: Can't read the buffer of struct page",
            "It did not find the kernel's page structures where it expects them.") with { Mark = Follows },
        Of("create_2nd_bitmap: Can't {t}", "It could not tell which pages to leave out.") with { Mark = Follows },
        Looks("Can't distinguish the memory type", "this kernel's memory model"),
        Looks("get_mem_map: Can't {t}", "where this kernel keeps its page structures"),
        Looks("get_mm_{w}: Can't {t}", "where this kernel keeps its page structures"),
        Looks("get_max_mapnr: Can't {t}", "the highest page of this kernel"),
        Looks("get_phys_base_{w}: Can't {t}", "where this kernel lies in memory"),
        Of("exclude_free_page: Can't {t}", "It could not tell which pages are free."),
        Of("Can't get next list_head", "It could not follow a list of the kernel."),
        Of("page_is_hugepage: {t}", "It could not tell which pages are huge."),
        Log("dump_dmesg: Can't find some symbols for log_buf"),
        Log("dump_dmesg: Can't find variable-length record symbols"),
        Log("dump_dmesg: Can't {t}"),
        Log("Can't get log_buf"),
        Log("Can't to get log_end"),
        Log("Missing the log_{w} symbol"),
        Log("Missing the log_buf symbol"),
        Log("Missing the struct {t}"),
        Log("Missing the printk_ringbuffer{t}"),
        new(ToolStage.LogBuffer, "Cycle when parsing dmesg detected", "The log itself is damaged: its records lead in a circle.")
            { Mark = "damaged" },
        new(ToolStage.LogBuffer, "Index outside log_buf detected", "The log itself is damaged: a record lies outside of it.")
            { Mark = "damaged" },
        new(ToolStage.LogBuffer, "The printk log_buf is most likely corrupted", "The log itself is damaged.") { Mark = "damaged" },
    ];

    private static ToolMessage Of(string wording, string means) => new(ToolStage.Structures, wording, means);

    private static ToolMessage Looks(string wording, string what) => Of(wording, $"It does not find or know {what}.");

    private static ToolMessage Log(string wording) => new(ToolStage.LogBuffer, wording, "");
}
