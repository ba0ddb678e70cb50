namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Which locks lockdep complains of, and why they can end in a deadlock (kernel/locking/lockdep.c print_circular_bug(),
/// print_deadlock_bug(), print_usage_bug(), print_irq_inversion_bug(), print_bad_irq_dependency()).
/// </summary>
internal static class LockOrders
{
    private const string Not = " It is what may happen: this report alone does not say that anything hangs.";

    private sealed record Lock(string Name, string? Place);

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Kind != "lockdep")
            yield break;
        string heading = input.Report.Heading.Text;
        string? says = heading switch
        {
            _ when heading.Contains("possible circular", StringComparison.Ordinal) => Circular(input),
            _ when heading.Contains("possible recursive", StringComparison.Ordinal) => Recursive(input),
            _ when heading.Contains("inconsistent lock state", StringComparison.Ordinal) => Inconsistent(input),
            _ when heading.Contains("lock inversion", StringComparison.Ordinal) => Inverted(input),
            _ when heading.Contains("-unsafe lock order", StringComparison.Ordinal) => Unsafe(input),
            _ => null,
        };
        if (says is not null)
            yield return new Clue("lock-order", says + Not, input.Report.Heading);
    }

    private static string? Circular(ClueInput input) => Behind(input, "is trying to acquire lock") is { } wanted &&
        Held(input) is { } held
        ? $"{Task(input)} wants the lock {wanted.Name}{In(wanted)} while it holds {held.Name}{Taken(held)}; " +
            "elsewhere the two are taken in the other order. If both happen at once, each waits for the other for ever: a deadlock." : null;

    private static string? Recursive(ClueInput input) => Behind(input, "is trying to acquire lock") is { } wanted
        ? $"{Task(input)} wants the lock {wanted.Name}{In(wanted)} while it holds one of the same kind{Taken(Held(input))}. " +
            "If it is the same lock, the task waits for itself; if it is another one, nothing keeps the order of the two." : null;

    private static string? Inconsistent(ClueInput input) => Behind(input, " takes:") is { } taken
        ? $"The lock {taken.Name} is taken{In(taken)} in an interrupt, and elsewhere while such interrupts may come. " +
            "If one comes while its CPU holds the lock, the CPU waits for itself." : null;

    private static string? Inverted(ClueInput input) => Behind(input, "changed the state of lock") is { } changed
        ? $"The lock {changed.Name}{Taken(changed)} is used in interrupts, " +
            "and is tied to another lock that is taken while they may come. Two CPUs can then wait for each other." : null;

    private static string? Unsafe(ClueInput input) => Behind(input, "is trying to acquire") is { } wanted &&
        Behind(input, "already holding") is { } held
        ? $"{Task(input)} wants the lock {wanted.Name}{In(wanted)}, which is also taken while interrupts may come, while it holds " +
            $"{held.Name}{Taken(held)}, which is taken in interrupts. Two CPUs can then wait for each other." : null;

    private static string In(Lock at) => at.Place is { } place ? $" in {place}()" : "";

    private static Lock? Held(ClueInput input) => Behind(input, "already holding lock");

    private static string Taken(Lock? at) => at?.Place is { } place ? $" (taken in {place}())" : "";

    /// <summary><c>openssl/315 is trying to acquire lock:</c></summary>
    private static string Task(ClueInput input)
    {
        if (input.Find(" is trying to acquire") is not { } line)
            return "A task";
        string name = line.Text[..line.Text.IndexOf(" is trying", StringComparison.Ordinal)].Trim();
        int slash = name.LastIndexOf('/');
        return slash > 0 && slash + 1 < name.Length ? $"The task {name[..slash]} ({name[(slash + 1)..]})" : "A task";
    }

    /// <summary>
    /// The lock of the line behind the one with the text: <c>c426b840 (&amp;x-&gt;sem){+.+.}-{3:3}, at: f+0x1cc/0xe1c [m]</c>.
    /// </summary>
    private static Lock? Behind(ClueInput input, string text)
    {
        ReportLine[] lines = [.. input.Lines];
        int at = Array.FindIndex(lines, l => l.Text.Contains(text, StringComparison.Ordinal));
        if (at < 0 || at + 1 >= lines.Length)
            return null;
        string line = lines[at + 1].Text;
        int open = line.IndexOf('('), close = line.IndexOf("){", StringComparison.Ordinal);
        if (open < 0 || close <= open + 1)
            return null;
        int place = line.IndexOf("at: ", close, StringComparison.Ordinal);
        string? function = place > 0 && FrameLine.TryParse(line.AsSpan(place + "at: ".Length), out StackFrame frame, out _)
            ? frame.Function : null;
        return new(line[(open + 1)..close], function);
    }
}
