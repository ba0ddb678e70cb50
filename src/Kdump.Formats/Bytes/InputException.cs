namespace Kdump.Formats.Bytes;

/// <summary>
/// An input that cannot be read: which input, which field, where and why. One line for a user; caught by the walk over records
/// (which loses that record), by the loop over checks, and by a program's <c>Main</c>.
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

    /// <summary>The field's own name, as its specification spells it.</summary>
    public string Field { get; }

    /// <summary>Byte offset of the field in the input, or -1 where an offset means nothing.</summary>
    public long Offset { get; }

    public string Reason { get; }
}
