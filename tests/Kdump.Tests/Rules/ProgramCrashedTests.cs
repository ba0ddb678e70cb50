using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class ProgramCrashedTests
{
    [Fact]
    public void Crashes_at_the_same_place_are_one_fault_of_the_program()
    {
        Finding finding = Found(
            "[ 6437.3] spec_infer[32508]: segfault at 7f49925c6590 ip 00007f59653e0794 sp 00007f4b710a8020 error 4 in " +
            "libflexflow.so.1[7f59650c0000+8fd000]\n" +
            "[ 8193.5] spec_infer[46378]: segfault at 7f907a5c67a0 ip 00007f9f43607794 sp 00007f91590a8030 error 4 in " +
            "libflexflow.so.1[7f9f432e7000+8fd000]\n");
        Assert.Equal("program-crashed:spec_infer-libflexflow.so.1", finding.Key);
        Assert.Contains("2 of 2 crashed at the same place (offset 0x320794", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_crashes_in_every_boot_is_one_matter_and_no_line_of_it_is_unknown()
    {
        string log = string.Concat(Enumerable.Range(0, 9).Select(i => "[    0.000000] Linux version 3.2.0-4-686-pae (debian) #1 SMP\n" +
            $"[  212.47476{i}] colord-sane[31{i}6]: segfault at 0 ip b7368a75 sp bfed82bc error 4 in libc-2.13.so[b72cd000+15e000]\n"));
        Verdict verdict = Explained.Verdict(log);
        Assert.Contains("crashed 9 times", Assert.Single(verdict.Findings, f => f.Id == "program-crashed").Title, StringComparison.Ordinal);
        Assert.Empty(verdict.Unknowns);
    }

    [Theory]
    [InlineData("traps: chrome[811] general protection fault ip:55d0 sp:7ffd error:0 in chrome[55d000000000+1000]", "chrome")]
    [InlineData("traps: a.out[9] trap invalid opcode ip:400546 sp:7ffe error:0 in a.out[400000+1000]", "a.out")]
    [InlineData("traps: a.out[9] trap divide error ip:400546 sp:7ffe error:0 in a.out[400000+1000]", "a.out")]
    [InlineData("Web Content[9]: segfault at 0 ip 00007f sp 00007e error 6 in libxul.so[1000,7f0000+8000] likely on CPU 3 (core 3, " +
        "socket 0)", "Web Content")]
    [InlineData("systemd-coredump[77]: Process 76 (kded5) of user 1000 dumped core.", "kded5")]
    [InlineData("Alignment trap: node (12) PC=0x0005b610 Instr=0xe58c5004 Address=0x001eab46 FSR 0x801", "node")]
    [InlineData("Web Content(12): unaligned access to 0x6000000000004d29, ip=0x2000000000042f71", "Content")]
    [InlineData("perd(77): unaligned trap at 0000000120001234: 00000001200ff231 29 1", "perd")]
    [InlineData("Unaligned userspace access in \"perd\" pid=77 pc=0x00401234 ins=0x6162", "perd")]
    [InlineData("perd[77]: unhandled signal 4 code 0x1 at 0x0000003f9007a8ec", "SIGILL")]
    [InlineData("perd[77]: unhandled signal 11 code 0x1 at 0x0000000000000010 in libc.so.6[3fa0000000+13a000]", "SIGSEGV")]
    [InlineData("perd[77]: bad frame in setup_rt_frame: 00000000ff, nip 000, lr 000", "perd")]
    [InlineData("perd[77] bad frame in rt_sigreturn frame:000 ip:000 sp:000 orax:ffff", "perd")]
    [InlineData("perd (77): undefined instruction: pc=00012344", "perd")]
    [InlineData("perd[77]: undefined instruction: pc=0000aaaad4", "perd")]
    [InlineData("potentially unexpected fatal signal 6.\n[  100.1] CPU: 0 PID: 77 Comm: perd Tainted: G  O  5.10.109 #1", "program perd " +
        "crashed (signal 6, SIGABRT")]
    public void All_wordings_name_the_program(string line, string program) =>
        Assert.Contains(program, Found($"[  100.0] {line}\n").Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("do_page_fault(): sending SIGSEGV to eperd for invalid read access from 634d63e0\n" +
        "[  100.1] epc = 77dd6b88 in libc.so[77d57000+aa000]\n[  100.2] ra  = 77dd8914 in libc.so[77d57000+aa000]",
        "program eperd crashed in libc.so (segfault)", "read from an unmapped address")]
    [InlineData("do_page_fault() #2: sending SIGSEGV to perd(345) for invalid write access to 00000010",
        "program perd crashed (segfault)", "wrote to a null pointer")]
    [InlineData("do_page_fault(): sending SIGSEGV to perd for invalid read access from", "program perd crashed (segfault)",
        "program itself crashed")]
    [InlineData("do_page_fault() command='perd' type=15 address=0x00000010 in libc.so.6[f7000000+13a000]",
        "program perd crashed in libc.so.6 (segfault)", "program itself crashed")]
    [InlineData("perd: unhandled page fault (11) at 0x00000010, code 0x017", "program perd crashed (unhandled exception)",
        "program itself crashed")]
    public void Other_machines_have_words_of_their_own(string line, string title, string says)
    {
        Finding f = Found($"[  100.0] {line}\n[  101.0] eth0: renamed from veth1\n");
        Assert.Equal(title, f.Title);
        Assert.Contains(says, f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Different_programs_at_different_places_on_one_cpu_point_to_it()
    {
        string log = string.Concat(Enumerable.Range(0, 6).Select(i =>
            $"[ {i}.0] prog{(char)('a' + i)}[9{i}]: segfault at {i}f00 ip 000000000040{i}546 sp 00007e error 4 in " +
            $"lib{i}.so[400000+8000] likely on CPU 3 (core 3, socket 0)\n"));
        Assert.Contains("all on CPU 3", Found(log).Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Alignment trap: perd (509) PC=0x0005b378 Instr=0xedc10b00 Address=0x741883ea FSR 0x811\n[ 1.1] Alignment trap: not " +
        "handling " +
        "instruction edc10b00 at [<0005b378>]\n[ 1.2] Unhandled fault: alignment exception (0x811) at 0x741883ea")]
    [InlineData("potentially unexpected fatal signal 5.\n[ 1.1] CPU: 0 PID: 77 Comm: perd Not tainted 4.1.52 #2\n[ 1.2] PC is at " +
        "0x1563d44")]
    public void A_programs_fault_is_no_crash_of_the_kernel(string lines) =>
        Assert.DoesNotContain(Explained.Verdict($"[ 1.0] {lines}\n").Findings, f => f.Id is "kernel-oops" or "kernel-panic");

    [Fact]
    public void A_crash_of_the_kernel_is_no_programs() =>
        Assert.Empty(Explained.Findings("program-crashed", "[ 1.0] BUG: kernel NULL pointer dereference, address: 0000000000000000\n"));

    private static Finding Found(string text) => Assert.Single(Explained.Findings("program-crashed", text));

    [Theory]
    [InlineData("Program received signal SIGSEGV, Segmentation fault.", "__strlen_avx2 () from /lib/x86_64-linux-gnu/libc.so.6",
        "crashed in readmem() (SIGSEGV)")]
    [InlineData("Program terminated with signal SIGABRT, Aborted.", "pthread_kill () from /lib/x86_64-linux-gnu/libc.so.6",
        "gave up in readmem() (SIGABRT)")]
    public void A_stack_of_gdb_is_a_programs_and_the_C_library_is_not_blamed(string signal, string first, string title)
    {
        Finding f = Found($"{signal}\n#0  0x00007ffff7e3a4c1 in {first}\n" +
            "#1  0x0000555555571f03 in readmem (type_addr=0, addr=18446744072635810304, size=8) at makedumpfile.c:812\n" +
            "#2  0x0000555555560f10 in main (argc=5, argv=0x7fffffffe0f8) at makedumpfile.c:12111\n");
        Assert.Contains(title, f.Title, StringComparison.Ordinal);
        Assert.Contains("no crash of the kernel", f.Why, StringComparison.Ordinal);
    }
}
