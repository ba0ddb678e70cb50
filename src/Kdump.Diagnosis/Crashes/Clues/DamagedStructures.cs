namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// A bad pointer found while library code walks a data structure of other code. The fault is in the code that inserted, removed or
/// freed an element wrongly, not in the code that walks (lib/rbtree.c, lib/xarray.c, lib/rhashtable.c, kernel/locking).
/// </summary>
internal static class DamagedStructures
{
    private static readonly (NamePattern Names, string What)[] Table =
    [
        (new(["^rb_", "^__rb_", "^timerqueue_"]), "a red-black tree"),
        (new(["^xas_", "^xa_", "^__xa_", "^radix_tree_", "^__radix_tree"]), "an xarray (a tree of indices, such as a file's pages)"),
        (new(["^mas_", "^mtree_", "^mt_"]), "a maple tree (such as a process' mappings)"),
        (new(["^rhashtable_", "^__rhashtable_", "^rht_"]), "a hash table"),
        (new(["^klist_", "^plist_", "^llist_"]), "a list"),
        (new(["^__rwsem_do_wake", "^__rwsem_mark_wake", "^rwsem_mark_wake", "^rwsem_wake", "^__up$", "^__mutex_unlock_slowpath"]),
            "the list of tasks that wait for a lock, whose elements are on the stacks of these tasks"),
    ];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind is not ("page-fault" or "general-protection" or "oops" or "internal-error" or "null-dereference") ||
            input.Frames.FirstOrDefault(f => f.Reliable) is not { Name: not null } at)
            yield break;
        string? what = Table.FirstOrDefault(t => t.Names.Fits(at.Function)).What;
        if (what is null)
            yield break;
        yield return new Clue("damaged-structure",
            $"{at.Function}() walks {what}: one of its elements was overwritten, " +
            "freed while it was still in it, or changed without the lock. " +
            "Who did that is not on this stack, except where the caller owns the structure.", input.Report.Heading);
    }
}
