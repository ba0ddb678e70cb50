namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The task that holds what a blocked task waits for, where the kernel prints it: since 6.16 with CONFIG_DETECT_HUNG_TASK_BLOCKER,
/// or by lockdep's list of held locks (kernel/hung_task.c, kernel/locking/lockdep.c debug_show_all_locks).
/// </summary>
internal static class Holders
{
    private const int MaxNames = 5;

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind is not "hung-task")
            yield break;
        var names = new List<string>();
        ReportLine? first = null;
        foreach (ReportLine line in input.Report.Lines)
        {
            if (line.Text.Contains(" is blocked on a ", StringComparison.Ordinal) &&
                line.Text.Contains(" likely ", StringComparison.Ordinal))
            {
                int by = line.Text.LastIndexOf(" by task ", StringComparison.Ordinal);
                if (by > 0)
                    yield return new Clue("holder",
                        $"The kernel names who likely has the lock: the task {line.Text[(by + " by task ".Length)..].TrimEnd('.')}. " +
                        "Its stack, printed next, tells why it does not give it back.", input.SourceOf(line)) { Elsewhere = true };
            }
            else if (names.Count < MaxNames && HeldBy(line.Text) is { } holder &&
                !holder.StartsWith("khungtaskd/", StringComparison.Ordinal) &&
                holder != $"{input.Context.Comm}/{input.Context.Pid}" && !names.Contains(holder))
            {
                first ??= line;
                names.Add(holder);
            }
        }
        if (first is { } list)
            yield return new Clue("lock-list",
                $"The list of held locks names others that hold some: {string.Join(", ", names)}; " +
                    "the holder is one of them, if it waits for a lock of that list.", input.SourceOf(list)) { Elsewhere = true };
    }

    /// <summary><c>2 locks held by kworker/0:1/23:</c></summary>
    private static string? HeldBy(string text)
    {
        const string Mark = " held by ";
        int at = text.IndexOf(Mark, StringComparison.Ordinal);
        if (at < 6 || !char.IsAsciiDigit(text[0]) || !text.EndsWith(':') || text.IndexOf(" lock", StringComparison.Ordinal) is < 1 or > 4)
            return null;
        return text[(at + Mark.Length)..^1];
    }
}
