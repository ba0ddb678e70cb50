using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class DumpToolCrashedTests
{
    [Theory]
    [InlineData("systemd-coredump[7290]: Process 7288 (kexec) of user 0 terminated abnormally with signal 11/SEGV, processing...", "kexec",
        "SIGSEGV")]
    [InlineData("systemd-coredump[7290]: Process 7288 (makedumpfile) of user 0 dumped core.", "makedumpfile", "crashed")]
    [InlineData("/usr/bin/kdumpctl: line 672: 66179 Aborted                 (core dumped) $KEXEC $KEXEC_ARGS", "kexec", "SIGABRT")]
    [InlineData("/lib/kdump-lib-initramfs.sh: line 98:   469 Bus error               $CORE_COLLECTOR /proc/vmcore $_mp", "makedumpfile",
        "SIGBUS")]
    [InlineData("[   44.3] makedumpfile[469]: unhandled signal 7 at 00007fffba400000 nip 00007fffbbc4d7fc lr 000000011356ca3c code 2",
        "makedumpfile", "SIGBUS")]
    [InlineData("[   44.3] makedumpfile[469]: segfault at 7f0000 ip 00005612 sp 00007ffe error 4 in makedumpfile[5612+8000]",
        "makedumpfile",
        "SIGSEGV")]
    [InlineData("[   44.3] traps: kexec[469] general protection fault ip:5612 sp:7ffe error:0 in kexec[5612+8000]", "kexec", "crashed")]
    [InlineData("kdump: saving vmcore failed, _exitcode:139", "makedumpfile", "SIGSEGV")]
    [InlineData("/usr/lib/dracut/dracut-init.sh: line 600: 812 Segmentation fault (core dumped) $DRACUT_INSTALL -D", "dracut-install",
        "SIGSEGV")]
    public void Every_way_to_tell_it_names_program_and_signal(string line, string program, string word)
    {
        Finding finding = Assert.Single(Explained.Findings("dump-tool-crashed", line + "\n"));
        Assert.Equal(program, finding.Subject);
        Assert.Contains(word, finding.Title, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Fixes);
    }

    [Fact]
    public void A_service_that_does_not_say_which_of_its_programs_is_quoted()
    {
        Assert.Null(Assert.Single(Explained.Findings("dump-tool-crashed",
            "Jun 16 21:45:56 h kdump-tools[648]: Segmentation fault (core dumped)\n")).Subject);
    }

    [Fact]
    public void Two_reserved_ranges_are_named_beside_a_crash_of_kexec()
    {
        Finding finding = Assert.Single(Explained.Findings("dump-tool-crashed",
            "realloc(): invalid pointer\n/usr/bin/kdumpctl: line 672: 66179 Aborted (core dumped) $KEXEC $KEXEC_ARGS\n" +
            "78000000-7fffffff : Crash kernel\n  205fc0000000-205fffffffff : Crash kernel\n"));
        Assert.Contains("two ranges", finding.Why, StringComparison.Ordinal);
        Assert.Contains(finding.Evidence, e => e.Text.StartsWith("realloc", StringComparison.Ordinal));
    }

    [Fact]
    public void Other_programs_that_crash_are_not_ours()
    {
        Assert.Empty(Explained.Findings("dump-tool-crashed",
            "systemd-coredump[7290]: Process 7288 (firefox) of user 1000 dumped core.\n[   44.3] traps: firefox[469] trap int3\n" +
            "/home/me/run.sh: line 12: 4711 Segmentation fault (core dumped) ./game\nfree(): invalid pointer\nKilled\n"));
    }
}
