using System.Text.Json;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>
/// Objects as JSON: structs are objects, arrays and sequences are arrays, enums are their name, pointers are hexadecimal text; a
/// missing value is an object with one field, <c>missing</c>. Parts that are not shown are <c>...</c>, with their number.
/// </summary>
internal static class ObjectJson
{
    private const string Ellipsis = "...";

    public static void Write(Utf8JsonWriter json, ObjectNode node)
    {
        KernelObject value = node.Object;
        CType bare = value.Type.Bare;
        if (node.Failure is { } failure)
            Missing(json, failure);
        else if (node.Children is { } children)
            Parts(json, node, children, bare.Kind == CTypeKind.Array);
        else if (node.Text is { } text && bare.Kind != CTypeKind.Pointer || value.Text is not null)
            json.WriteStringValue(value.Text ?? node.Text);
        else if (node.Value is not { } bits)
            json.WriteNullValue();
        else if (bare.Kind is CTypeKind.Pointer or CTypeKind.Function)
            json.WriteStringValue($"0x{bits:x}");
        else if (bare.Kind == CTypeKind.Bool)
            json.WriteBooleanValue(bits != 0);
        else if (bare.Kind == CTypeKind.Enum && NameOf(bare, bits) is { } name)
            json.WriteStringValue(name);
        else if (bare.Signed)
            json.WriteNumberValue(unchecked((long)bits));
        else
            json.WriteNumberValue(bits);
    }

    public static void Missing(Utf8JsonWriter json, InputException why)
    {
        json.WriteStartObject();
        json.WriteString("missing",
            MissingMemory.Of(why) is { } state ? state.ToString().ToLowerInvariant() : $"{why.Field}: {why.Reason}");
        json.WriteEndObject();
    }

    private static void Parts(Utf8JsonWriter json, ObjectNode node, IReadOnlyList<ObjectNode> children, bool isArray)
    {
        if (node.Cut)
        {
            json.WriteStringValue(Ellipsis);
            return;
        }
        // An array of which the dump has nothing is one missing value, not one for each element.
        if (isArray && children.Count > 1 && Lacks(children[0]) is { } state && children.All(c => Lacks(c) == state))
        {
            Missing(json, children[0].Failure!);
            return;
        }
        if (isArray)
        {
            json.WriteStartArray();
            foreach (ObjectNode child in children)
                Write(json, child);
            if (node.Left > 0)
            {
                json.WriteStartObject();
                json.WriteNumber(Ellipsis, node.Left);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            return;
        }
        json.WriteStartObject();
        Members(json, children);
        if (node.Left > 0)
            json.WriteNumber(Ellipsis, node.Left);
        json.WriteEndObject();
    }

    /// <summary>Members of anonymous structs and unions are written among the others, as in C.</summary>
    private static void Members(Utf8JsonWriter json, IReadOnlyList<ObjectNode> children)
    {
        foreach (ObjectNode child in children)
        {
            if (child.Name.Length == 0 && child.Children is { } inner && child.Object.Type.IsCompound)
            {
                Members(json, inner);
                continue;
            }
            json.WritePropertyName(child.Name);
            Write(json, child);
        }
    }

    private static MemoryState? Lacks(ObjectNode node) => node.Failure is { } failure ? MissingMemory.Of(failure) : null;

    private static string? NameOf(CType type, ulong bits)
    {
        foreach ((string name, long value) in type.Types?.Enumerators(type.Id) ?? [])
            if (value == unchecked((long)bits))
                return name;
        return null;
    }
}
