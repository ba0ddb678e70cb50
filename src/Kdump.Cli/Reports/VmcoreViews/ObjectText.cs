using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary>
/// Objects as text: structs with one member per line, small ones on one line, runs of equal elements counted; or flat, one line per
/// value with its path.
/// </summary>
internal sealed class ObjectText(CrashedKernel kernel, TypeNames types, ObjectStyle style, TextWriter output, int width)
{
    /// <summary>Limit for the lines of one answer.</summary>
    private const int MaxLines = 2_000_000;

    private const int Repeats = 4;

    private readonly ObjectValue values = new(kernel, style);
    private readonly ObjectTree tree = new(types, style.Depth, style.ArrayLimit);
    private int lines;

    /// <summary>Prints a single object, its type first.</summary>
    /// <param name="label">The text before it: the expression, or an element's index.</param>
    public void Object(string label, KernelObject value)
    {
        ObjectNode node = tree.Of(value);
        if (style.Flat && node.Children is not null)
        {
            Flat(label, node);
            return;
        }
        string start = label.Length == 0 ? "" : $"{label} = ";
        string type = value.Text is not null || value.IsUntyped || value.Failure is not null ? ""
            : $"({Printable.Escape(value.Type.ToString())}) ";
        string where = value.Type.IsCompound && value.Address is { } at ? $"at 0x{at}{values.Symbol(at.Value)} " : "";
        Write(node, 0, start + type + where, "");
    }

    /// <summary>Prints a member by its path, indented, without its type.</summary>
    public void Member(string path, KernelObject value)
    {
        if (style.Flat)
            Flat(path, tree.Of(value));
        else
            Write(tree.Of(value), 1, path + " = ", "");
    }

    /// <summary>Prints one element of a sequence, on one line unless it is a struct.</summary>
    public void Element(KernelObject value)
    {
        ObjectNode node = tree.Of(value);
        if (style.Flat && node.Children is not null)
        {
            Flat(value.Label ?? "", node);
            return;
        }
        string where;
        if (value.Type.IsCompound && value.Address is { } at)
            where = $"({Printable.Escape(value.Type.ToString())}) at 0x{at} ";
        else if (value.Type.Bare is { Kind: CTypeKind.Pointer } pointer && pointer.Target.IsCompound)
            where = $"({Printable.Escape(value.Type.ToString())}) ";
        else
            where = "";
        Write(node, 0, (value.Label is null ? "" : value.Label + " ") + where, "");
    }

    private void Write(ObjectNode node, int indent, string start, string end)
    {
        string space = new(' ', 2 * indent);
        if (node.Children is null)
        {
            Line(space + start + values.Of(node) + end);
            return;
        }
        StringBuilder brief = new(space + start);
        if (OneLine(node, brief, width - end.Length))
        {
            Line(brief.Append(end).ToString());
            return;
        }
        Line($"{space}{start}{{");
        IReadOnlyList<ObjectNode> children = node.Children;
        if (node.Object.Type.Bare.Kind == CTypeKind.Array && children.All(c => c.Children is null))
        {
            Filled(node, children, space + "  ");
            Line($"{space}}}{end}");
            return;
        }
        for (int i = 0; i < children.Count; i++)
        {
            int same = RunAt(children, i);
            bool last = i + same >= children.Count && node.Left == 0;
            string name = children[i].Name.Length > 0 ? children[i].Name + " = " : "";
            Write(children[i], indent + 1, Printable.Escape(name), (same > 1 ? $" <{same} times>" : "") + (last ? "" : ","));
            i += same - 1;
        }
        if (node.Left > 0)
            Line($"{space}  … {node.Left} more");
        Line($"{space}}}{end}");
    }

    /// <summary>Prints an array of scalars, as many per line as fit.</summary>
    private void Filled(ObjectNode node, IReadOnlyList<ObjectNode> children, string space)
    {
        StringBuilder line = new(space);
        for (int i = 0; i < children.Count; i++)
        {
            int same = RunAt(children, i);
            string word = values.Of(children[i]) + (same > 1 ? $" <{same} times>" : "") +
                (i + same < children.Count || node.Left > 0 ? "," : "");
            if (line.Length > space.Length && line.Length + 1 + word.Length > width)
            {
                Line(line.ToString());
                line.Clear().Append(space);
            }
            line.Append(line.Length > space.Length ? " " : "").Append(word);
            i += same - 1;
        }
        Line(line.ToString());
        if (node.Left > 0)
            Line($"{space}… {node.Left} more");
    }

    /// <summary>Appends a struct or array if it is short enough; if it returns false, the appended text must be discarded.</summary>
    private bool OneLine(ObjectNode node, StringBuilder line, int most)
    {
        if (line.Length > most)
            return false;
        if (node.Children is not { } children)
        {
            line.Append(values.Of(node));
            return line.Length <= most;
        }
        if (node.Cut)
        {
            line.Append("{...}");
            return line.Length <= most;
        }
        if (children.Count == 0)
        {
            line.Append("{}");
            return line.Length <= most;
        }
        // Nested structs are easier to read on several lines.
        bool isArray = node.Object.Type.Bare.Kind == CTypeKind.Array;
        if (!isArray && children.Any(c => c.Children is { Count: > 1 } && c.Object.Type.IsCompound))
            return false;
        line.Append(isArray ? "{" : "{ ");
        for (int i = 0; i < children.Count; i++)
        {
            int same = RunAt(children, i);
            if (i > 0)
                line.Append(", ");
            if (children[i].Name.Length > 0)
                line.Append(Printable.Escape(children[i].Name)).Append(" = ");
            if (!OneLine(children[i], line, most))
                return false;
            if (same > 1)
                line.Append(" <").Append(same).Append(" times>");
            i += same - 1;
        }
        if (node.Left > 0)
            line.Append(", … ").Append(node.Left).Append(" more");
        line.Append(isArray ? "}" : " }");
        return line.Length <= most;
    }

    /// <summary>Number of equal elements from here on; 1 if there are too few to be combined.</summary>
    private static int RunAt(IReadOnlyList<ObjectNode> children, int from)
    {
        int end = from + 1;
        while (end < children.Count && children[from].Name.Length == 0 && Same(children[from], children[end]))
            end++;
        return end - from >= Repeats ? end - from : 1;
    }

    private static bool Same(ObjectNode a, ObjectNode b)
    {
        if (a.Name != b.Name || a.Value != b.Value || a.Text != b.Text || a.Cut || b.Cut || (a.Children is null) != (b.Children is null) ||
            (a.Failure is null) != (b.Failure is null))
            return false;
        if (a.Children is null)
            return a.Failure is null || (MissingMemory.Of(a.Failure) is { } state && MissingMemory.Of(b.Failure!) == state);
        if (a.Children.Count != b.Children!.Count)
            return false;
        for (int i = 0; i < a.Children.Count; i++)
            if (!Same(a.Children[i], b.Children[i]))
                return false;
        return true;
    }

    private void Flat(string path, ObjectNode node)
    {
        if (node.Children is not { } children)
        {
            Line($"{path} = {values.Of(node)}");
            return;
        }
        if (node.Cut)
            Line($"{path} = {{...}}");
        for (int i = 0; i < children.Count; i++)
        {
            string name = Printable.Escape(children[i].Name);
            bool element = node.Object.Type.Bare.Kind == CTypeKind.Array;
            string full;
            if (element)
                full = $"{path}[{i}]";
            else if (name.Length == 0)
                full = path;
            else
                full = path.Length == 0 ? name : $"{path}.{name}";
            Flat(full, children[i]);
        }
        if (node.Left > 0)
            Line($"{path} … {node.Left} more");
    }

    private void Line(string text)
    {
        if (++lines > MaxLines)
            throw new Formats.Bytes.InputException("output", "lines", -1, $"more than {MaxLines}: use a narrower expression or --limit");
        output.WriteLine(text);
    }
}
