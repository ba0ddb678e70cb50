using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class MakedumpfileFailedTests
{
    [Fact]
    public void What_it_said_before_is_the_evidence_and_the_reason()
    {
        Finding finding = Assert.Single(
            Explained.Findings("makedumpfile-failed",
            File.ReadAllText(Repository.Path("fixtures", "cases", "makedumpfile-failed", "console.log"))));
        Assert.Contains("could not interpret", finding.Why, StringComparison.Ordinal);
        Assert.Contains(finding.Evidence, e => e.Text.Contains("readpage_elf", StringComparison.Ordinal));
    }

    [Fact]
    public void Its_warning_about_the_kernel_version_is_no_failure()
    {
        Assert.Empty(Explained.Findings("makedumpfile-failed", Explained.CaptureBoot +
            "[   18.000000] kdump[174]: The kernel version is not supported.\nThe makedumpfile operation may be incomplete.\nThe " +
                "dumpfile is saved to /var/crash/vmcore-incomplete.\nmakedumpfile Completed.\n"));
    }

    [Fact]
    public void A_reason_in_words_that_nobody_knows_is_quoted()
    {
        Finding finding = Assert.Single(
            Explained.Findings("makedumpfile-failed",
            "[   28.75] kdump-tools[527]: makedumpfile: version 1.7.6 (released on 23 Oct 2024)\n" +
            "[   28.86] kdump-tools[527]: The weather is not supported\n[   28.87] kdump-tools[527]: makedumpfile Failed.\n"));
        Assert.Equal([2L, 3L], finding.Evidence.Select(e => e.Line));
        Assert.Contains("kdt does not know", finding.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("calculate_plat_config: PAGE SIZE 0x10000 and VA Bits 47 not supported")]
    [InlineData("get_machdep_info_arm64: Can't determine platform config values")]
    [InlineData("get_versiondep_info_x86_64: Can't get max_physmem_bits.")]
    [InlineData("Cannot find a proper _stext for calculating VA_BITS")]
    [InlineData("get_vmemmap_list_info: Can't get vmemmap region addresses")]
    [InlineData("get_mem_section: Can't get the symbol of mem_section.")]
    [InlineData("check_release: Can't get the address of system_utsname.")]
    [InlineData("setup_page_is_buddy: Can't select page_is_buddy handler; ")]
    [InlineData("get_vmalloc_start_ppc64: Can't get vmap_area_list.")]
    [InlineData("exclude_free_page: Can't get necessary symbols for excluding free pages.")]
    [InlineData("__vtop4_x86_64: Can't get a valid pte.")]
    [InlineData("readmem: Can't convert a virtual address(ffff88007ffd7000) to physical address.")]
    [InlineData("vaddr_to_paddr_arm64: Can't read pgd")]
    public void Each_thing_it_does_not_find_makes_it_too_old(string words)
    {
        Finding finding = Assert.Single(Explained.Findings("makedumpfile-failed", Explained.CaptureBoot +
            "[   18.0] kdump.sh[301]: kdump: saving vmcore\n[   18.1] kdump.sh[332]: " + words +
            "\n[   18.2] kdump.sh[332]: makedumpfile Failed.\n[   18.3] kdump.sh[301]: kdump: saving vmcore failed, _exitcode:1\n"));
        Assert.Contains("does not know this kernel", finding.Title, StringComparison.Ordinal);
        Assert.Contains(finding.Evidence, e => e.Text.Contains(words, StringComparison.Ordinal));
        Assert.Contains(finding.Fixes, f => f.Text.Contains("Install a makedumpfile", StringComparison.Ordinal) &&
            f.Command!.Contains("kdumpctl rebuild", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mount.nfs: rpc.statd is not running but is required for remote locking.", "dump-target-mount-failed")]
    [InlineData("cp: error reading '/proc/vmcore': Input/output error", "vmcore-unreadable")]
    [InlineData("open_dump_memory: Can't open the dump memory(/proc/vmcore). No such file or directory", "vmcore-not-there")]
    [InlineData("cp: error writing '/kdumproot/var/crash/vmcore-incomplete': Read-only file system", "dump-write-failed")]
    [InlineData("/lib/kdump-lib.sh: line 98:   469 Bus error               $CORE_COLLECTOR /proc/vmcore", "dump-tool-crashed")]
    [InlineData("nothing that is known", "dump-not-saved")]
    public void It_is_not_to_blame_for_what_failed_before_it(string words, string id)
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot + "[   18.0] kdump: saving vmcore\n" + words +
            "\n[   18.3] kdump: saving vmcore failed, exitcode:1\n");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "makedumpfile-failed");
        Assert.Contains(verdict.Findings, f => f.Id == id);
    }

    [Fact]
    public void A_log_that_could_not_be_saved_is_no_dump_that_could_not()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot +
            "[   53.6] kdump-tools[844]: The dumpfile is saved to /var/crash/202012311403/dump-incomplete.\n" +
            "[   53.7] kdump-tools[844]: kdump-tools: saved vmcore in /var/crash/202012311403.\n" +
            "[   57.6] kdump-tools[844]: running makedumpfile --dump-dmesg /proc/vmcore /var/crash/202012311403/dmesg.202012311403.\n" +
            "[   57.7] kdump-tools[844]: dump_dmesg: Can't find some symbols for log_buf.\n" +
            "[   57.8] kdump-tools[844]: makedumpfile Failed.\n" +
            "[   57.9] kdump-tools[844]: kdump-tools: makedumpfile --dump-dmesg failed. dmesg content will be unavailable ... failed!\n");
        Assert.Equal(["dmesg-not-saved", "dump-saved"], verdict.Findings.Select(f => f.Id).Order());
    }

    [Fact]
    public void A_dump_that_could_not_be_saved_is_not_excused_by_its_log()
    {
        Verdict verdict = Explained.Verdict(Explained.CaptureBoot +
            "[   17.4] kdump: saving vmcore-dmesg.txt to /sysroot/var/crash/\n[   17.5] kdump: saving vmcore-dmesg.txt complete\n" +
            "[   17.6] kdump: saving vmcore\n[   17.7] readpage_elf: Attempt to read non-existent page at 0xc000000000000.\n" +
            "[   17.8] makedumpfile Failed.\n");
        Assert.Contains(verdict.Findings, f => f.Id == "makedumpfile-failed");
        Assert.DoesNotContain(verdict.Findings, f => f.Id == "dump-saved");
    }
}
