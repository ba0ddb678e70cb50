using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>
/// Records the memory that was read but is not in the dump. Every read of an excluded, absent or damaged page is recorded with the
/// current question, so no view can omit what it could not read. Unmapped memory does not count as missing, because that is the
/// state of the kernel itself.
/// </summary>
public sealed class UnreadMemory
{
    private readonly Lock gate = new();

    public UnreadMemory() => Current = new Unread(this, null);

    /// <summary>The innermost question that is being answered.</summary>
    public Unread Current { get; private set; }

    /// <summary>
    /// Begins a question; Dispose ends it, and missing memory that was not reported then also counts for the enclosing question.
    /// </summary>
    public Unread Begin() => Current = new Unread(this, Current);

    /// <summary>Reads memory for a guess on which no answer depends: memory that is missing for it does not count.</summary>
    public T Guess<T>(Func<T> read)
    {
        Unread guess = Begin();
        try
        {
            return read();
        }
        finally
        {
            End(guess, keep: false);
        }
    }

    internal void Note(ulong frame, MemoryState state)
    {
        lock (gate)
            Current.Note(frame, state);
    }

    internal void Note(VirtualAddress address, MemoryState state)
    {
        lock (gate)
            Current.Note(address, state);
    }

    internal void End(Unread question, bool keep)
    {
        Current = question.Outer ?? Current;
        if (keep && !question.Told)
            Current.Include(question);
    }
}
