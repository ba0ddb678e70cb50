using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// An object taken apart to the requested depth: a value, or the members of a struct, or the elements of an array.
/// </summary>
/// <param name="Name">Of the member; empty for an anonymous one and for elements.</param>
/// <param name="Children">Null for a value.</param>
public sealed record ObjectNode(string Name, KernelObject Object, IReadOnlyList<ObjectNode>? Children)
{
    /// <summary>Children that are left out, because the user asked for fewer or there are too many.</summary>
    public long Left { get; init; }

    /// <summary>It is deeper than the user asked to see.</summary>
    public bool Cut { get; init; }

    /// <summary>An array of characters, or a pointer to some: what they say; null where they are no text.</summary>
    public string? Text { get; init; }

    /// <summary>A number, pointer or enum; null for what is none.</summary>
    public ulong? Value { get; init; }

    /// <summary>Why there is no value.</summary>
    public InputException? Failure { get; init; }
}
