using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// A pointer that leads nowhere because it is NULL: what it would have led to does not exist. Unlike memory that is missing, that is
/// knowledge; sums leave such elements out.
/// </summary>
public static class NullPointer
{
    /// <param name="field">What was to be taken from where it points.</param>
    public static InputException At(string input, string field) =>
        new(input, field, -1, "the pointer before it is NULL", new NullPointerException());

    public static bool Is(InputException? e) => e?.InnerException is NullPointerException;

    private sealed class NullPointerException() : Exception("NULL");
}
