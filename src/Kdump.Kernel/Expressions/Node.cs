using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>A node of an expression's syntax tree, with its operands.</summary>
internal sealed class Node
{
    /// <summary>Maximum nesting of an expression; evaluation recurses to this depth.</summary>
    private const int MaxDepth = 200;

    private readonly int depth;

    public Node(NodeKind kind, int column, string text, params Node[] parts)
    {
        Kind = kind;
        Column = column;
        Text = text;
        Parts = parts;
        foreach (Node part in parts)
            depth = Math.Max(depth, part.depth + 1);
        if (depth > MaxDepth)
            throw new ExpressionException(column, $"more than {MaxDepth} operations in each other");
    }

    public NodeKind Kind { get; }

    /// <summary>The column at which an error of this node is shown.</summary>
    public int Column { get; }

    /// <summary>Name, operator or text.</summary>
    public string Text { get; }

    public Node[] Parts { get; }

    public ulong Value { get; init; }

    /// <summary>Type of a number, or the type that a type node names; null for all other nodes.</summary>
    public CType? Type { get; init; }

    /// <summary>The module before <c>::</c>; null if there is none.</summary>
    public string? Module { get; init; }

    public bool IsType => Kind >= NodeKind.TypeName;
}
