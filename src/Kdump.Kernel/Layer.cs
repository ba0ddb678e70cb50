using Kdump.Formats.Bytes;

namespace Kdump.Kernel;

/// <summary>One layer of what a dump tells: its value, or why there is none. The layers below it work all the same.</summary>
public sealed class Layer<T>
    where T : class
{
    private Layer(T? value, string status)
    {
        Value = value;
        Status = status;
    }

    public T? Value { get; }

    /// <summary><c>ok</c>, or the reason.</summary>
    public string Status { get; }

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
            return new Layer<T>(null, $"{e.Field}: {e.Reason}");
        }
    }
}
