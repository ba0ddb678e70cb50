using System.Globalization;
using Kdump.Cli.Reports.VmcoreViews;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Expressions;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Types;

namespace Kdump.Cli.Commands;

/// <summary>crash's list and tree: print the addresses of linked structs, with members of each.</summary>
internal sealed class ShellLists(Vmcore vmcore, Interpreter interpreter, Context here)
{
    private readonly List<Damage> damages = [];

    /// <summary>
    /// <c>list [[-o] offset] [-e end] [-r] [-h|-H] start [-s struct[.member[,member]]]</c>. With -H the start is a separate
    /// list_head, with -h it is the list_head inside the first struct. With neither, the word at the offset in each struct is the
    /// address of the next one, until NULL or the start.
    /// </summary>
    public bool List(string[] words)
    {
        string? offset = null, shown = null, end = null, start = null;
        bool embedded = false, head = false, backward = false;
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i], next = Next(words, i);
            switch (word)
            {
                case "-s":
                    shown = next;
                    i++;
                    break;
                case "-o" or "-l":
                    offset = next;
                    i++;
                    break;
                case "-e":
                    end = next;
                    i++;
                    break;
                case "-h":
                    embedded = true;
                    break;
                case "-H":
                    head = true;
                    break;
                case "-r":
                    backward = true;
                    break;
                case ['-', not (>= '0' and <= '9'), ..]:
                    throw new ExpressionException(0, $"list: unknown option {Printable.Escape(word)}", word);
                default:
                    if (offset is null && start is null && i + 1 < words.Length && IsOffset(word))
                        offset = word;
                    else
                        start = start is null ? word : $"{start} {word}";
                    break;
            }
        }
        if (start is null)
            throw new ExpressionException(0, "expected the start of the list, for example: list task_struct.tasks -h init_task");
        long before = offset is null ? 0 : Offset(offset);
        VirtualAddress first = interpreter.AddressOf(start);
        VirtualAddress? last = end is null ? null : interpreter.AddressOf(end);
        IEnumerable<VirtualAddress> Linked(VirtualAddress at) =>
            KernelList.Walk(vmcore.Memory, at, "list", damages, forward: !backward).Select(e => e + -before);
        IEnumerable<VirtualAddress> all;
        if (head)
            all = Linked(first);
        else
            all = embedded ? Linked(first + before).Prepend(first) : Plain(first, before);
        return Show(all, shown, last);
    }

    /// <summary><c>tree -t type [-r offset] [-o offset] [-s struct.member] root</c>.</summary>
    public bool Tree(string[] words)
    {
        string type = "rbtree", root = "";
        string? offset = null, rootOffset = null, shown = null;
        for (int i = 0; i < words.Length; i++)
        {
            string next = Next(words, i);
            switch (words[i])
            {
                case "-t":
                    type = next;
                    i++;
                    break;
                case "-o":
                    offset = next;
                    i++;
                    break;
                case "-r":
                    rootOffset = next;
                    i++;
                    break;
                case "-s":
                    shown = next;
                    i++;
                    break;
                case ['-', not (>= '0' and <= '9'), ..]:
                    throw new ExpressionException(0, $"tree: unknown option {Printable.Escape(words[i])}", words[i]);
                default:
                    root = root.Length == 0 ? words[i] : $"{root} {words[i]}";
                    break;
            }
        }
        if (root.Length == 0)
            throw new ExpressionException(0, "expected the root, for example: tree -t rbtree -o vmap_area.rb_node vmap_area_root");
        VirtualAddress at = interpreter.AddressOf(root) + (rootOffset is null ? 0 : Offset(rootOffset));
        long before = offset is null ? 0 : Offset(offset);
        IEnumerable<VirtualAddress> all = type switch
        {
            _ when "rbtree".StartsWith(type, StringComparison.Ordinal) && type != "r" && !type.StartsWith("ra", StringComparison.Ordinal) =>
                RbTree.Walk(vmcore, at, "tree", damages).Select(e => e + -before),
            _ when "xarray".StartsWith(type, StringComparison.Ordinal) || "radix".StartsWith(type, StringComparison.Ordinal) =>
                XArray.Walk(vmcore, at, damages).Select(e => e.Entry),
            _ when "maple".StartsWith(type, StringComparison.Ordinal) => MapleTree.Walk(vmcore, at, damages).Select(e => e.Entry),
            _ => throw new ExpressionException(0, $"'{type}' is not one of rbtree, xarray, radix, maple"),
        };
        return Show(all, shown, null);
    }

    /// <summary>The value of an option that requires one.</summary>
    private static string Next(string[] words, int i)
    {
        if (i + 1 < words.Length)
            return words[i + 1];
        if (words[i] is "-s" or "-o" or "-l" or "-e" or "-t" || words[i] == "-r" && words.Contains("-t"))
            throw new ExpressionException(0, $"expected a value after {words[i]}", words[i]);
        return "";
    }

    private bool Show(IEnumerable<VirtualAddress> all, string? shown, VirtualAddress? last)
    {
        foreach (VirtualAddress at in all)
        {
            here.Output.WriteLine($"{at}");
            if (shown is not null)
                Members(shown, at);
            if (last == at)
                break;
        }
        UnreadText.Lost(vmcore, damages);
        return damages.Count == 0;
    }

    private void Members(string shown, VirtualAddress at)
    {
        int dot = shown.IndexOf('.', StringComparison.Ordinal);
        CType type = interpreter.Type(dot < 0 ? shown : shown[..dot], "struct");
        ObjectText text = new(vmcore, interpreter.Types, new ObjectStyle(here.Radix), here.Output, here.Terminal.Width);
        KernelObject whole = KernelObject.At(vmcore.Memory, type, at);
        if (dot < 0)
            text.Object("", whole);
        else
            foreach (string member in shown[(dot + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries))
                text.Member(member, interpreter.MemberOf(whole, member));
    }

    private IEnumerable<VirtualAddress> Plain(VirtualAddress first, long offset)
    {
        yield return first;
        foreach (VirtualAddress at in Chain.Walk(vmcore.Memory, first + offset, checked((int)offset), "list", damages))
        {
            if (at == first)
                yield break;
            yield return at;
        }
    }

    /// <summary>True for a number or a member of a type (a member of a variable is the start of the list, not an offset).</summary>
    private bool IsOffset(string word) =>
        (word.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && interpreter.Types.Any(word[..dot]) is not null) ||
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private long Offset(string word)
    {
        int dot = word.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0)
            return interpreter.Evaluate($"offsetof({Tagged(word[..dot])}, {word[(dot + 1)..]})") is KernelObject of ? (long)of.Load() : 0;
        ulong number;
        if (word.StartsWith("0x", StringComparison.Ordinal))
            number = interpreter.AddressOf(word).Value;
        else if (ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong bytes))
            number = bytes;
        else
            throw new ExpressionException(0, $"'{Printable.Escape(word)}' is not an offset: expected a number or struct.member", word);
        return number <= int.MaxValue ? (long)number : throw new ExpressionException(0, $"{number} is too large for an offset in a struct",
            word);
    }

    private string Tagged(string name) => interpreter.Types.Any(name) switch
    {
        { } type => type.Kind == CTypeKind.Typedef ? name : type.ToString(),
        _ => $"struct {name}",
    };
}
