using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>
/// What was asked of a dump and is not in it. Every read of a page that was left out, is absent or damaged is noted with the question that
/// asked for it, whoever asks and whatever becomes of the answer: so no view can keep quiet about what it could not read. Memory that no
/// page table maps is no loss, it is the kernel's own answer.
/// </summary>
public sealed class UnreadMemory
{
    private readonly Lock gate = new();

    public UnreadMemory() => Current = new Unread(this, null);

    /// <summary>The innermost question that is being answered.</summary>
    public Unread Current { get; private set; }

    /// <summary>
    /// Begins a question; it ends when it is disposed of, and what it lacked and was not told then counts for the one around it, too.
    /// </summary>
    public Unread Begin() => Current = new Unread(this, Current);

    /// <summary>A guess that nothing depends on: what it would have read is no loss.</summary>
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
