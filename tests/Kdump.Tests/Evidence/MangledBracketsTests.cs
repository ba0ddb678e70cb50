using Kdump.Diagnosis.Crashes;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Evidence;

/// <summary>Consoles that show square brackets as other characters: code pages of 3270 terminals, national 7-bit sets.</summary>
public sealed class MangledBracketsTests
{
    private const string Log =
        "[ 1851.721062] Unable to handle kernel pointer dereference in virtual kernel address space\n" +
        "[ 1851.721075] Failing address: 0000000000000000 TEID: 0000000000000483\n" +
        "[ 1851.721128] Oops: 0004 ilc:3 [#1] PREEMPT SMP\n" +
        "[ 1851.721183] CPU: 7 PID: 256422 Comm: cook Not tainted 4.5.0 #178\n" +
        "[ 1851.721189] Krnl PSW : 0704d00180000000 000000000045d3b8 (pan_fry+0x280/0x308 [kitchen])\n" +
        "[ 1851.721269] Call Trace:\n" +
        "[ 1851.721273] ([<0000000083e45898>] 0x83e45898)\n" +
        "[ 1851.721279]  [<000000000029342a>] pan_serve+0x9a/0x1d8 [kitchen]\n" +
        "[ 1851.721282]  [<0000000000283f34>] free_pgtables+0xcc/0x148\n" +
        "[ 1851.721329] ---[ end trace 0d80041ac00cfae2 ]---\n";

    [Theory]
    [InlineData('Ý', '¨')]
    [InlineData('Ä', 'Ü')]
    [InlineData('¢', '!')]
    [InlineData('c', '!')]
    [InlineData('°', '§')]
    public void The_stamp_shows_which_characters_stand_for_brackets(char open, char close)
    {
        Crash right = Assert.Single(LogCorpus.Read(Log).Crashes);
        Crash read = Assert.Single(LogCorpus.Read(Log.Replace('[', open).Replace(']', close)).Crashes);
        Assert.Equal(right.Title, read.Title);
        Assert.Equal(right.Function, read.Function);
        Assert.Equal(right.Time, read.Time);
        Assert.Equal(right.Frames.Select(f => (f.Name, f.Module)), read.Frames.Select(f => (f.Name, f.Module)));
        Assert.Equal(right.Clues.Select(c => c.Meaning), read.Clues.Select(c => c.Meaning));
    }

    [Theory]
    [InlineData("c 12 eggs! Oops: 0004 ilc:3 [#1] SMP")]
    [InlineData("x 1.5! Oops: 0004 ilc:3 [#1] SMP")]
    public void A_line_without_such_a_stamp_is_none_of_a_kernel(string line) =>
        Assert.All(LogCorpus.Read(line + "\n").Crashes, c => Assert.Null(c.Time));
}
