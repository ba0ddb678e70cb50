namespace Kdump.Formats.Bytes;

/// <summary>
/// An input that cannot be read: which input, which field, at which offset, and why. The message is one line for the user. The exception
/// is caught by a walk over records (which skips that record), by the loop over checks, and by a program's <c>Main</c>.
/// </summary>
public sealed class InputException : Exception
{
    public InputException(string input, string field, long offset, string reason, Exception? inner = null)
        : base(offset < 0 ? $"{input}: {field}: {reason}" : $"{input}: {field} at 0x{offset:x}: {reason}", inner)
    {
        Input = input;
        Field = field;
        Offset = offset;
        Reason = reason;
    }

    public string Input { get; }

    /// <summary>Name of the field, as in its specification.</summary>
    public string Field { get; }

    /// <summary>Byte offset of the field in the input, or -1 if an offset would be meaningless.</summary>
    public long Offset { get; }

    public string Reason { get; }
}
