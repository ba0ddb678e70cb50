using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// An object split into its parts, down to the requested depth: a value, or the members of a struct, or the elements of an array.
/// </summary>
/// <param name="Name">Name of the member; empty for an anonymous member and for an element.</param>
/// <param name="Children">The members or elements; null for a value.</param>
public sealed record ObjectNode(string Name, KernelObject Object, IReadOnlyList<ObjectNode>? Children)
{
    /// <summary>Number of children that are omitted, because the user requested fewer or there are too many.</summary>
    public long Left { get; init; }

    /// <summary>True if the object is deeper than the user requested and is not split.</summary>
    public bool Cut { get; init; }

    /// <summary>The text of a character array or of a pointer to characters; null if it is not text.</summary>
    public string? Text { get; init; }

    /// <summary>Value of a number, pointer or enum; null for all other objects.</summary>
    public ulong? Value { get; init; }

    /// <summary>The reason why there is no value; null if there is one.</summary>
    public InputException? Failure { get; init; }
}
