using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>One layer of a dump: its value, or the reason why it is missing. Lower layers do not depend on it.</summary>
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

    /// <summary>Status of the layer: <c>ok</c>, or the reason why it is missing.</summary>
    public string Status { get; }

    /// <summary>The state of the missing memory if that is the reason; otherwise null.</summary>
    public MemoryState? Missing { get; }

    /// <summary>The memory that was missing when the layer was read; null if this was not recorded.</summary>
    internal Unread? Unread { get; }

    /// <exception cref="InputException">The layer is missing; the message contains the reason.</exception>
    public T Need(string input, string what) => Value ?? throw new InputException(input, what, -1,
        Status.StartsWith($"{what}: ", StringComparison.Ordinal) ? Status[(what.Length + 2)..] : Status);

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

    /// <summary>Opens a layer. A layer is read once and used for many questions, so it keeps the list of its missing memory.</summary>
    /// <param name="records">Returns the records that were skipped; null for a layer that is read completely or not at all.</param>
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
        // Missing memory at places that were only searched before the layer was found does not count.
        bool whole = layer.Value is not null && records is null;
        return new Layer<T>(layer.Value, layer.Status, layer.Missing, whole ? null : unread);
    }
}
