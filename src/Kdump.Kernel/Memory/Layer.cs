using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>One layer of a dump: its value, or the reason why it is missing. The layers below it work without it.</summary>
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

    /// <summary>The state of the missing memory if that is the reason; otherwise null.</summary>
    public MemoryState? Missing { get; }

    /// <summary>What was not there when it was read; null where that was not watched.</summary>
    internal Unread? Unread { get; }

    /// <exception cref="InputException">The layer is missing: the message is its reason.</exception>
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

    /// <summary>A layer that is read once for many questions keeps the list of its missing memory.</summary>
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
        // Places searched without success before the layer was found do not count as missing.
        bool whole = layer.Value is not null && records is null;
        return new Layer<T>(layer.Value, layer.Status, layer.Missing, whole ? null : unread);
    }
}
