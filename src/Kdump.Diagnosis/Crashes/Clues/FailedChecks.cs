namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The kernel's checks of its own data, recognised by the function that fails them, because the message with the values stands
/// above and is often lost. Also the aftermath of an oops: do_exit() complains about the task that it ended (kernel/exit.c
/// make_task_dead()).
/// </summary>
internal static class FailedChecks
{
    private static readonly (NamePattern Names, string Meaning, string Says)[] Table =
    [
        (new(["^__list_add_valid", "^__list_del_entry_valid", "^__list_valid"]), "list-corruption",
            "It is a check of lists: a neighbour's pointers do not lead back to the entry, so the list is corrupt " +
            "(an entry freed or initialised anew while it was on it, removed twice, or the list changed without its lock). " +
            "The line \"list_add corruption\" or \"list_del corruption\" above would tell what stood there."),
        (new(["^skb_panic", "^skb_over_panic", "^skb_under_panic"]), "socket-buffer",
            "It is a check of packets: there was no room in the buffer for the data or header that was to be put there. " +
            "The line with \"skb_over_panic\" or \"skb_under_panic\" above would tell sizes and interface."),
        (new(["^usercopy_abort", "^__check_object_size", "^__check_heap_object"]), "bad-usercopy",
            "It is a check of copies to and from programs: the copy would have gone beyond its object."),
        (new(["^fortify_panic", "^__fortify_panic", "^__fortify_report"]), FortifiedCall.Meaning,
            "It is a check of string and memory functions: the call would have gone beyond the buffer that the compiler knows."),
        (new(["^__stack_chk_fail"]), "stack-corruption",
            "It is the check of the stack's canary: a function wrote beyond one of its own local variables."),
    ];

    private static readonly NamePattern Deaths = new(["^make_task_dead", "^rewind_stack_and_make_dead", "^rewind_stack_do_exit"]);

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        // fs/fs-writeback.c: WARN(…, "bdi-%s not registered\n"), before 5.15.
        if (input.Kind == "warning" && input.Function == "__mark_inode_dirty" && input.Around.FirstOrDefault(l => l.Text.StartsWith("bdi-",
            StringComparison.Ordinal) && l.Text.EndsWith(" not registered", StringComparison.Ordinal)) is { Text: not null } gone)
            yield return new Clue("device-gone",
                "The device below that file system is gone (removed, or dropped off its bus, while it was mounted): " +
                "this warning is only an effect of it.", input.SourceOf(gone)) { Elsewhere = true };
        if (input.Kind is not ("kernel-bug" or "invalid-opcode" or "warning" or "list-corruption" or "panic" or "stack-corruption"))
            yield break;
        if (FortifiedCall.Read(input) is { } overflow)
        {
            yield return overflow;
            yield break;
        }
        bool dead = input.Frames.Any(f => f.Reliable && Deaths.Fits(f.Function)) && input.Context.Tainted?.Contains('D') == true;
        if (dead)
            yield return new Clue("after-death",
                $"The task {input.Context.Comm} was ended by an oops before this " +
                "(taint D), and this check only complains of how it ended: " +
                "the report of that oops, above this one, is what counts.", input.Report.Heading)
            {
                Elsewhere = true,
            };
        if (dead || input.Frames.FirstOrDefault(f => f.Reliable) is not { Name: not null } at ||
            input.Around.Any(l => l.Text.StartsWith("list_", StringComparison.Ordinal) ||
                l.Text.Contains("skb_", StringComparison.Ordinal) && l.Text.Contains("_panic: ", StringComparison.Ordinal)))
            yield break;
        (_, string? meaning, string? says) = Table.FirstOrDefault(t => t.Names.Fits(at.Function));
        if (meaning is not null)
            yield return new Clue(meaning, says, input.Report.Heading);
    }
}
