namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// <c>Workqueue: events_unbound flush_to_ldisc</c>: the work item names the subsystem better than the kworker that ran it.
/// </summary>
internal static class WorkItems
{
    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Context.Workqueue is not { Length: > 0 } work || input.Find("Workqueue: ") is not { } line)
            yield break;
        string[] words = work.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || words[0].StartsWith("0x", StringComparison.Ordinal) || words[1].StartsWith('(') ||
            words[1] == input.Function)
            yield break;
        string module = ModuleOf(words) is { } name ? $" of the module {name}," : "";
        yield return new Clue("work-item", $"The worker ran the work item {words[1]}{module} of the workqueue {words[0]}.",
            input.SourceOf(line));
    }

    /// <summary><c>events_unbound nv50_disp_atomic_commit_work [nouveau]</c>: the third word, if it is one.</summary>
    public static string? ModuleOf(IReadOnlyList<string> words) => words is [_, _, ['[', .., ']'] and { Length: > 2 } module, ..]
        ? module[1..^1] : null;
}
