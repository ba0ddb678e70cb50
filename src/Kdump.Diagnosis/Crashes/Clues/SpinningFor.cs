namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// The checks of spin locks print and go on (kernel/locking/spinlock_debug.c spin_bug()): after "recursion" the CPU waits for itself,
/// after "lockup suspected" for whoever has the lock. The other checks tell of a lock that is misused or overwritten.
/// </summary>
internal static class SpinningFor
{
    public const string Itself = "spins-for-itself", Holder = "spins-for-holder";

    private static readonly NamePattern Means = new(["spin_", "_raw_", "rwlock_", "queued_", "dump_stack", "show_stack", "lock_acquire",
        "native_", "unwind_backtrace", "dump_backtrace", "^_read_lock", "^_write_lock"]);

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        const string Recursion = "lock recursion on CPU", CpuRecursion = "lock cpu recursion on CPU",
            Lockup = "lock lockup suspected on CPU",
            OldLockup = "lock lockup on CPU";
        string heading = input.Report.Heading.Text;
        StackFrame by = input.Frames.FirstOrDefault(f => f.Reliable && !Means.Fits(f.Function));
        string where = by.Name is null ? "" : $" It asks for it in {by.Told}.";
        if (heading.Contains(Recursion, StringComparison.Ordinal) || heading.Contains(CpuRecursion, StringComparison.Ordinal))
        {
            yield return new Clue(Itself, "The CPU already holds the lock that it asks for, so it waits for itself: a deadlock in the " +
                $"code on its stack.{where} The CPU does not come back, and whatever needs it or the lock stands behind it.",
                input.Report.Heading);
        }
        else if (heading.Contains(Lockup, StringComparison.Ordinal) || heading.Contains(OldLockup, StringComparison.Ordinal))
        {
            yield return new Clue(Holder, $"The CPU waited for the lock for more than a second and goes on waiting.{where} " +
                (Owner(input) is { } owner ? $"It is held by {owner}: look at what that does."
                    : "Whoever holds it is the one to look at."), input.Report.Heading);
        }
    }

    /// <summary><c> lock: 0xffff8800a3635410, .magic: dead4ead, .owner: trinity-c8/8828, .owner_cpu: 1</c></summary>
    private static string? Owner(ClueInput input)
    {
        const string Mark = ".owner: ", Cpu = ".owner_cpu: ";
        if (input.Find(Mark)?.Text is not { } line)
            return null;
        string owner = line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..].Split(',')[0].Trim();
        if (owner.Length == 0 || owner.StartsWith("<none>", StringComparison.Ordinal))
            return null;
        int cpu = line.IndexOf(Cpu, StringComparison.Ordinal);
        return cpu < 0 ? owner : $"{owner} on CPU {line[(cpu + Cpu.Length)..].Trim()}";
    }
}
