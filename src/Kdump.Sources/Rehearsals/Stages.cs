namespace Kdump.Sources.Rehearsals;

/// <summary>How far a rehearsal has come, judged by its console.</summary>
internal sealed class Stages
{
    private static readonly (string Name, string Said, string[] Signs)[] All =
    [
        ("loaded", "the crash kernel is loaded", [RehearsalPrograms.Mark + "loaded"]),
        ("crash kernel", "the crash kernel runs", ["elfcorehdr="]),
        ("target", "the target is reached",
            [RehearsalPrograms.Mark + "root reached", "saving vmcore-dmesg.txt", "saving vmcore", "Saving dump",
            "Saved temporary README.txt", "Saved dmesg",
            // The target was written to but is full: makedumpfile's and dd's message for it.
            "Copying data", "No space left on device"]),
        ("dump", "the dump is written", [RehearsalPrograms.Mark + "dump saved", "saving vmcore complete", "dump|saved", "Saved vmcore",
            "Dump saving completed"]),
    ];

    private int at = -1;

    public string Last => at < 0 ? "nothing" : All[at].Name;

    /// <summary>The stage that a line shows; null if nothing new.</summary>
    public string? Hear(string line)
    {
        for (int i = All.Length - 1; i > at; i--)
        {
            if (!Array.Exists(All[i].Signs, s => line.Contains(s, StringComparison.Ordinal)))
                continue;
            at = i;
            return All[i].Said;
        }
        return null;
    }
}
