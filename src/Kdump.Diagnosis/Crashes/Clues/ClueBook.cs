namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>Everything that reads clues out of a report, in the order in which they are told.</summary>
internal static class ClueBook
{
    private static readonly Func<ClueInput, IEnumerable<Clue>>[] Readers =
    [
        AfterPanic.Read, TailStack.Read, Interruptions.Read, Natures.Read, OopsCodes.Read, BusErrors.Read,
            Programs.Read, Syndromes.Read, StackRanges.Read,
            Recursions.Read,
            Privileged.Read, BrokenData.Read, SlabObjects.Read, SanitizedObjects.Read, WildJumps.Read, Callbacks.Read, Callers.Read,
            OddPointers.Read, FreeLists.Read, DamagedStructures.Read, RefCounts.Read, FailedChecks.Read, HeldLocks.Read, BadPages.Read,
                PageWalks.Read, Waiters.Read, DeviceThreads.Read, JustBefore.Read, LineAbove.Read, OwnLock.Read,
            Holders.Read, ModuleStates.Read,
        BusyInodes.Read, LostTicks.Read, SpinningFor.Read, Resent.Read, WorkItems.Read, BpfPrograms.Read, OopsNumber.Read,
        ForeignModules.Read,
        LockOrders.Read, Phases.Read, RawPlaces.Read, TestModules.Read, TroubleBefore.Read,
    ];

    private const int MaxOfOne = 4;

    public static IReadOnlyList<Clue> Read(ClueInput input)
    {
        List<Clue> clues = [.. Readers.SelectMany(r => r(input).Take(MaxOfOne)).DistinctBy(c => c.Says)];
        // A line that is known to be the beginning, or stands directly above, says it already.
        if (clues.Exists(c => c.Meaning is "just-before" or "last-words"))
            clues.RemoveAll(c => c.Meaning == TroubleBefore.Meaning);
        return clues;
    }
}

/// <summary>A report as far as it is read.</summary>
internal sealed record ClueInput(Report Report, string Kind, string? Function, List<StackFrame> Frames,
    IReadOnlyList<KeyValuePair<string, string>> Registers, CrashContext Context, BadAccess? Access)
{
    /// <summary>Its own lines, as far as they can be trusted to be of it.</summary>
    public IEnumerable<ReportLine> Lines => Report.Lines.Take(Report.End);

    /// <summary>With what the same writer printed just before.</summary>
    public IEnumerable<ReportLine> Around => Report.Before.Concat(Lines);

    public Source SourceOf(ReportLine line) =>
        line.Number == Report.Heading.Line ? Report.Heading : new Source(Report.Heading.Input, line.Text, line.Number);

    /// <summary>The first line that holds the text.</summary>
    public ReportLine? Find(string text)
    {
        foreach (ReportLine line in Lines)
        {
            if (line.Text.Contains(text, StringComparison.Ordinal))
                return line;
        }
        return null;
    }

    public string? Register(string name) => Registers.FirstOrDefault(r => r.Key == name).Value;
}
