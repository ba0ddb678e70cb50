using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Memory;

/// <summary>One layer of what a dump tells: its value, or why there is none. The layers below it work all the same.</summary>
public sealed class Layer<T>
    where T : class
{
    private Layer(T? value, string status, MemoryState? missing = null)
    {
        Value = value;
        Status = status;
        Missing = missing;
    }

    public T? Value { get; }

    /// <summary><c>ok</c>, or the reason.</summary>
    public string Status { get; }

    /// <summary>The state of the memory for lack of which there is no value; null where that is not the reason.</summary>
    public MemoryState? Missing { get; }

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
}
