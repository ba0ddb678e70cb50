using System.Globalization;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// A bad address inside an allocator: its free list runs through the free objects, so code that writes into freed memory or beyond
/// an object breaks a later allocation of other code (mm/slub.c).
/// </summary>
internal static class FreeLists
{
    private static readonly NamePattern Allocators = new(
        ["kmem_cache_alloc", "__kmalloc", "^kmalloc", "slab_alloc", "get_freepointer", "get_freelist", "__slab_free", "^kfree$",
            "kmem_cache_free", "do_slab_free", "deactivate_slab", "get_partial_node", "__get_partial", "kmem_cache_shrink"]);

    /// <summary>For an object that was freed or overwritten by code that is not on the stack.</summary>
    public static readonly Fix Watched = new("Boot with slub_debug=FZPU: the kernel then watches its objects, " +
        "and the next report names who freed or overwrote this one", Risk: "the kernel is slower and needs more memory");

    private static readonly NamePattern Gives = new(["^kfree$", "^kvfree", "kmem_cache_free", "^__slab_free", "^do_slab_free"]);

    /// <summary>Of the registers that hold a function's first argument: x86-64, arm64 and arm, riscv, powerpc.</summary>
    private static readonly string[] First = ["RDI", "x0", "r0", "a0"];

    /// <summary>
    /// What is given back is no object but a mark or an error; then its own address is the bad one, or it stands in the first argument.
    /// </summary>
    private static (ulong Value, string Says)? Handed(ClueInput input)
    {
        if (input.Access is { Meaning: "list-poison" or "error-number", Says: { } says, Address: var address })
            return (address, says);
        foreach ((_, string text) in input.Registers.Where(r => First.Contains(r.Key, StringComparer.Ordinal)))
        {
            if (ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) &&
                AddressMeaning.Of(value, text.Length == 16) is { Meaning: "list-poison" or "error-number" } meaning)
                return (value, meaning.Says);
        }
        return null;
    }

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        // The allocator's own checks (mm/slub.c, mm/slab.c): BUG_ON(object == fp) of set_freepointer(), and of what kfree() is given.
        if (input.Kind == "kernel-bug" && input.Report.Heading.Text.Contains(" mm/sl", StringComparison.Ordinal) &&
            input.Frames.FirstOrDefault(f => f.Reliable) is { Name: not null } check)
        {
            bool free = check.Function.Contains("free", StringComparison.Ordinal);
            yield return new Clue("free-list", free
                ? $"A check of the allocator failed while an object was given back ({check.Function}()): " +
                    "it was freed twice, or what was freed is no object of the allocator. Who gave it back stands below on the stack."
                : $"A check of the allocator failed in {check.Function}(): " +
                    "its list of free objects is broken (a write to freed memory or beyond an object, a double free). " +
                    "The task that stands here is a victim.", input.Report.Heading)
            {
                Elsewhere = !free,
                Fixes = [Watched],
            };
            yield break;
        }
        if (input.Kind is not ("page-fault" or "general-protection" or "oops" or "internal-error" or "null-dereference" or
                "alignment") ||
            input.Frames.FirstOrDefault(f => f.Reliable) is not { Name: not null } at || !Allocators.Fits(at.Function))
            yield break;
        if (Gives.Fits(at.Function) && Handed(input) is var (value, says))
        {
            yield return new Clue("freed-wrongly", (input.Access?.Address == value ? $"{at.Function}() was handed that to give it back. "
                : $"{at.Function}() was handed 0x{value:x}: {says}. ") +
                "The caller, below it on the stack, is at fault, or the structure that it took the pointer from was not valid any more.",
                input.Report.Heading);
            yield break;
        }
        yield return new Clue("free-list",
            $"{at.Function}() only walks the allocator's list of free objects: a pointer in a freed object was overwritten earlier " +
            "(use after free, a write beyond an object, or a device's DMA). The task that stands here is a victim.", input.Report.Heading)
        {
            Elsewhere = true,
            Fixes = [Watched],
        };
    }
}
