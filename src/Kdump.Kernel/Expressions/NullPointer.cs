using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// The error for an access through a NULL pointer: the target does not exist. This is different from missing memory, whose content is
/// unknown, so sums can leave out such elements.
/// </summary>
public static class NullPointer
{
    /// <param name="field">The member that was to be read through the pointer.</param>
    public static InputException At(string input, string field) =>
        new(input, field, -1, "the pointer before it is NULL", new NullPointerException());

    public static bool Is(InputException? e) => e?.InnerException is NullPointerException;

    private sealed class NullPointerException() : Exception("NULL");
}
