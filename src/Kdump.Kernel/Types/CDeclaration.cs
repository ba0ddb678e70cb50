using System.Globalization;

namespace Kdump.Kernel.Types;

/// <summary>Formats types as C declarations, with the name inside: <c>int (*handler)(int, void *)</c>, <c>char comm[16]</c>.</summary>
public static class CDeclaration
{
    private const int MaxDepth = 16;
    private const int MaxParameters = 24;
    private const int MaxFunctions = 3;

    /// <param name="name">The declared name; empty for the type alone.</param>
    public static string Of(CType type, string name) => Of(type, name, 0, 0).TrimEnd();

    /// <summary>A function's prototype: <c>int foo(struct bar *x)</c>.</summary>
    public static string Prototype(CType function, string name) => Of(function, name, 0, 0);

    private static string Of(CType type, string inner, int depth, int functions)
    {
        if (depth > MaxDepth)
            return $"… {inner}";
        switch (type.Kind)
        {
            case CTypeKind.Pointer:
                CType target = type.Target;
                bool wrap = target.Kind is CTypeKind.Array or CTypeKind.Function;
                return Of(target, wrap ? $"(*{inner})" : $"*{inner}", depth + 1, functions);
            case CTypeKind.Array:
                string length = type.Length == 0 ? "" : type.Length.ToString(CultureInfo.InvariantCulture);
                return Of(type.Target, $"{inner}[{length}]", depth + 1, functions);
            case CTypeKind.Function:
                return Of(type.Target, $"{inner}({Parameters(type, depth, functions)})", depth + 1, functions + 1);
            case CTypeKind.Qualified when type.Target.Kind == CTypeKind.Pointer:
                return Of(type.Target, inner.Length == 0 ? type.Name : $"{type.Name} {inner}", depth + 1, functions);
            case CTypeKind.Qualified:
                return $"{type.Name} {Of(type.Target, inner, depth + 1, functions)}";
            default:
                string word = Word(type);
                return inner.Length == 0 ? word : $"{word} {inner}";
        }
    }

    private static string Word(CType type) => type.Kind switch
    {
        CTypeKind.Struct => type.Name.Length > 0 ? "struct " + type.Name : "struct {...}",
        CTypeKind.Union => type.Name.Length > 0 ? "union " + type.Name : "union {...}",
        CTypeKind.Enum => type.Name.Length > 0 ? "enum " + type.Name : "enum {...}",
        _ => type.Name,
    };

    private static string Parameters(CType function, int depth, int functions)
    {
        if (function.Types is not { } types)
            return "";
        // Limits nested function types.
        if (functions >= MaxFunctions)
            return "…";
        IReadOnlyList<(string Name, int Type)> all = types.ParametersOf(function.Id);
        List<string> parts = [];
        foreach ((string name, int type) in all.Take(MaxParameters))
            parts.Add(type == 0 && name.Length == 0 ? "..." : Of(CType.Of(types, type), name, depth + 1, functions + 1));
        if (all.Count > MaxParameters)
            parts.Add("…");
        return all.Count == 0 ? "void" : string.Join(", ", parts);
    }
}
