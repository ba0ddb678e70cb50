using Kdump.Formats.Bytes;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// Splits objects into their parts. If memory is missing, only the values in it are missing. The number of parts is limited.
/// </summary>
/// <param name="types">Finds the definition of a type that is only declared.</param>
/// <param name="depth">Maximum nesting of structs; deeper ones are not split.</param>
/// <param name="elements">Maximum number of elements of each array.</param>
public sealed class ObjectTree(TypeNames types, int depth, int elements)
{
    /// <summary>Maximum number of parts of one object; struct net, the largest, has about a thousand.</summary>
    private const int MaxParts = 200_000;

    /// <summary>Maximum nesting of structs, including anonymous ones; compilers generate about a dozen.</summary>
    private const int MaxNesting = 60;

    private const int MaxPointedText = 200;

    private int parts;
    private int nesting;

    public ObjectNode Of(KernelObject value)
    {
        parts = 0;
        nesting = 0;
        return Of("", value, 0);
    }

    private ObjectNode Of(string name, KernelObject value, int level)
    {
        parts++;
        CType bare = value.Type.Bare;
        if (value.Failure is not null)
            return new ObjectNode(name, value, null) { Failure = value.Failure };
        if (value.PerCpu || value.IsUntyped)
            return new ObjectNode(name, value, null);
        if (value.Text is not null)
            return new ObjectNode(name, value, null) { Text = value.Text };
        if (nesting >= MaxNesting)
            return new ObjectNode(name, value, []) { Cut = true };
        nesting++;
        ObjectNode node = bare.Kind switch
        {
            CTypeKind.Struct or CTypeKind.Union => Members(name, value, types.Complete(bare), level),
            CTypeKind.Array => Elements(name, value, bare, level),
            _ => Scalar(name, value, bare),
        };
        nesting--;
        return node;
    }

    private static ObjectNode Scalar(string name, KernelObject value, CType bare)
    {
        try
        {
            ObjectNode node = new(name, value, null) { Value = value.Load() };
            return bare.Kind == CTypeKind.Pointer && bare.Target.IsCharacter && node.Value is > 4096
                ? node with { Text = Pointed(value) } : node;
        }
        catch (InputException e)
        {
            return new ObjectNode(name, value, null) { Failure = e };
        }
    }

    /// <summary>
    /// The text to which a pointer to characters points; null if it cannot be read or is not text, because an invalid pointer is not an
    /// error here.
    /// </summary>
    private static string? Pointed(KernelObject pointer)
    {
        try
        {
            string? text = pointer.String(MaxPointedText);
            return text is not null && text.All(c => c >= ' ' || c is '\n' or '\t') && !text.Contains('\ufffd', StringComparison.Ordinal)
                ? text : null;
        }
        catch (InputException)
        {
            return null;
        }
    }

    private ObjectNode Members(string name, KernelObject value, CType type, int level)
    {
        if (type.Compound is not { } compound || value.Address is not { } address || value.Memory is not { } memory)
            return new ObjectNode(name, value, null) { Cut = true };
        if (level >= depth || parts >= MaxParts)
            return new ObjectNode(name, value, []) { Cut = true };
        List<ObjectNode> members = [];
        foreach (Member member in compound.Members())
        {
            if (parts >= MaxParts)
                return new ObjectNode(name, value, members) { Left = compound.Members().Count() - members.Count };
            CType inner = CType.Of(compound.Types, member.Type);
            KernelObject part = member.BitSize == 0 ? KernelObject.At(memory, inner, address + member.Offset)
                : KernelObject.Bitfield(memory, inner, address, (int)member.BitOffset, member.BitSize);
            // An anonymous member does not count as a level, because C does not name it.
            members.Add(Of(member.Name, part, member.Name.Length == 0 ? level : level + 1));
        }
        return new ObjectNode(name, value, members);
    }

    private ObjectNode Elements(string name, KernelObject array, CType type, int level)
    {
        CType element = types.Complete(type.Target);
        if (type.Length == 0 && array.Symbol is not null && array.Address is { } at)
            return Unsized(name, array, element, at);
        if (array.Address is not { } address || array.Memory is not { } memory || type.Length == 0 || element.Size == 0)
            return new ObjectNode(name, array, []) { Cut = type.Length > 0 };
        if (element.IsCharacter && Text(array) is { } text)
            return new ObjectNode(name, array, null) { Text = text };
        if (level >= depth && element.IsCompound)
            return new ObjectNode(name, array, []) { Cut = true };
        List<ObjectNode> found = [];
        long shown = Math.Min(type.Length, elements);
        for (long i = 0; i < shown && parts < MaxParts; i++)
            found.Add(Of("", KernelObject.At(memory, element, address + i * element.Size), element.IsCompound ? level + 1 : level));
        return new ObjectNode(name, array, found) { Left = type.Length - found.Count };
    }

    /// <summary>
    /// A variable that is an array of unknown length: a character array is shown up to its NUL, arrays of other types are not shown.
    /// </summary>
    private static ObjectNode Unsized(string name, KernelObject array, CType element, VirtualAddress at)
    {
        try
        {
            return element.IsCharacter ? new ObjectNode(name, array, null) { Text = KernelObject.TextAt(array.Memory, at, 4096, name) }
                : new ObjectNode(name, array, []) { Cut = true };
        }
        catch (InputException e)
        {
            return new ObjectNode(name, array, null) { Failure = e };
        }
    }

    /// <summary>
    /// The text of a character array; null if it is not text, or if its memory is missing: the characters are then shown as elements.
    /// </summary>
    private static string? Text(KernelObject array)
    {
        byte[] raw = new byte[Math.Min(array.Type.Bare.Size, KernelObject.MaxText)];
        try
        {
            array.Read(raw);
        }
        catch (InputException)
        {
            return null;
        }
        int end = raw.AsSpan().IndexOf((byte)0);
        ReadOnlySpan<byte> used = end < 0 ? raw : raw.AsSpan(0, end);
        foreach (byte b in used)
            if (b is < 32 and not (9 or 10 or 13 or 27))
                return null;
        return System.Text.Encoding.UTF8.GetString(used);
    }
}
