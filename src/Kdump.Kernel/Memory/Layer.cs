using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>One layer of what a dump tells: its value, or why there is none. The layers below it work all the same.</summary>
public sealed class Layer<T>
    where T : class
{
    private Layer(T? value, string status, MemoryState? missing = null, Unread? unread = null)
    {
        Value = value;
        Status = status;
        Missing = missing;
        Unread = unread;
    }

    public T? Value { get; }

    /// <summary><c>ok</c>, or the reason.</summary>
    public string Status { get; }

    /// <summary>The state of the memory for lack of which there is no value; null where that is not the reason.</summary>
    public MemoryState? Missing { get; }

    /// <summary>What was not there when it was read; null where that was not watched.</summary>
    internal Unread? Unread { get; }

    /// <exception cref="InputException">The layer is missing: the message is its reason.</exception>
    public T Need(string input, string what) => Value ?? throw new InputException(input, what, -1, Status);

    internal static Layer<T> Of(Func<T> open)
    {
        try
        {
            return new Layer<T>(open(), "ok");
        }
        catch (InputException e)
        {
            return new Layer<T>(null, $"{e.Field}: {e.Reason}", MissingMemory.Of(e));
        }
    }

    /// <summary>One that is read once for many questions: what it lacks is kept with it.</summary>
    /// <param name="records">Records that it gave up; null for a layer that is there whole or not at all.</param>
    internal static Layer<T> Of(Func<T> open, UnreadMemory memory, Func<T, IReadOnlyList<Damage>>? records)
    {
        Unread unread = memory.Begin();
        Layer<T> layer;
        try
        {
            layer = Of(open);
        }
        finally
        {
            memory.End(unread, keep: false);
        }
        if (layer.Value is { } value)
            unread.Add(records?.Invoke(value) ?? []);
        // Places that were looked at in vain before the whole was found are no loss.
        bool whole = layer.Value is not null && records is null;
        return new Layer<T>(layer.Value, layer.Status, layer.Missing, whole ? null : unread);
    }
}
