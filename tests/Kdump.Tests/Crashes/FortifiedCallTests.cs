using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Crashes;

/// <summary>The checks of string and memory functions (CONFIG_FORTIFY_SOURCE) name function and sizes above their report.</summary>
public sealed class FortifiedCallTests
{
    private static string Stamped(params string[] lines) => string.Concat(lines.Select((l, i) => $"[  100.{i:000000}] {l}\n"));

    private static string Said(string line, string heading, string rip) => Assert.Single(LogCorpus.Read(Stamped(line, heading,
        "CPU: 1 PID: 77 Comm: cook Not tainted 6.18.0 #1", $"RIP: 0010:{rip}", "Call Trace:", " pan_fry+0x10/0x20"))
        .Crashes).Clues.FirstOrDefault(c => c.Meaning == "buffer-overflow")?.Says ?? "";

    [Theory]
    [InlineData("memcpy: detected buffer overflow: 104 byte write of buffer size 96", "memcpy() of the kernel was to write 104 bytes into")]
    [InlineData("memset: detected buffer overflow: 98384 byte write of buffer size 65792", "98384 bytes into a buffer of 65792 bytes")]
    [InlineData("strnlen: detected buffer overflow: 65 byte read of buffer size 64", "was to read 65 bytes from a buffer of 64 bytes")]
    [InlineData("detected buffer overflow in strlen", "strlen() of the kernel was to go beyond its buffer")]
    [InlineData("detected buffer overflow in __fortify_strlen", "__fortify_strlen()")]
    public void Function_and_sizes_are_told(string line, string says)
    {
        Assert.Contains(says, Said(line, "kernel BUG at lib/string_helpers.c:1027!", "fortify_panic+0x13/0x15"), StringComparison.Ordinal);
        Assert.Contains("ends the task", Said(line, "WARNING: CPU: 1 PID: 77 at lib/string_helpers.c:1036 __fortify_report+0x45/0x60",
            "__fortify_report+0x45/0x60"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_over_several_fields_is_only_a_warning()
    {
        string said = Said("memcpy: detected field-spanning write (size 104) of single field \"&pan->egg\" at net/pan.c:77 (size 96)",
            "WARNING: CPU: 1 PID: 77 at net/pan.c:77 pan_fry+0x45/0x60", "pan_fry+0x45/0x60");
        Assert.Contains("104 bytes into the field &pan->egg of 96 bytes (net/pan.c:77)", said, StringComparison.Ordinal);
        Assert.DoesNotContain("ends the task", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("memcpy: detected buffer overflow: many byte write of buffer size 96")]
    [InlineData("we detected buffer overflow in the kitchen, said the cook")]
    [InlineData("detected buffer overflow in a program")]
    public void Other_words_are_not_taken(string line) => Assert.Empty(Said(line,
        "WARNING: CPU: 1 PID: 77 at net/pan.c:77 pan_fry+0x45/0x60", "pan_fry+0x45/0x60"));

    [Fact]
    public void The_warning_is_the_beginning_of_what_stops_the_task()
    {
        const string Line = "memcpy: detected buffer overflow: 104 byte write of buffer size 96";
        Verdict verdict = Explained.Verdict(Stamped("------------[ cut here ]------------", Line,
            "WARNING: CPU: 1 PID: 77 at lib/string_helpers.c:1036 __fortify_report+0x45/0x60",
            "CPU: 1 PID: 77 Comm: cook Not tainted 6.18.0 #1", "RIP: 0010:__fortify_report+0x45/0x60", "Call Trace:", " pan_fry+0x10/0x20",
            "---[ end trace 0000000000000000 ]---", "------------[ cut here ]------------", "kernel BUG at lib/string_helpers.c:1043!",
            "Oops: invalid opcode: 0000 [#1] SMP", "CPU: 1 PID: 77 Comm: cook Not tainted 6.18.0 #1", "RIP: 0010:__fortify_panic+0xd/0xf",
            "Call Trace:", " pan_fry+0x10/0x20"));
        Assert.Equal(["kernel-warning", "kernel-oops"], verdict.Chain.Select(f => f.Id));
    }
}
