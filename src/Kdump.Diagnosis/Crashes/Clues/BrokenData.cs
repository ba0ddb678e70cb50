using System.Globalization;
using System.Numerics;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Checks of data print what should be there and what was: lists (lib/list_debug.c), socket buffers (net/core/skbuff.c skb_panic), tags of
/// memory (mm/kasan/report.c). The two values together tell who or what broke them.
/// </summary>
internal static class BrokenData
{
    /// <summary>Reports that such a check makes; beside other reports the line may belong to somebody else.</summary>
    private static readonly string[] Kinds = ["list-corruption", "kernel-bug", "warning", "internal-error", "invalid-opcode"];

    /// <summary>Two addresses this near often belong to one object.</summary>
    private const ulong NearBy = 128;

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        var taken = new List<string>();
        bool memory = input.Kind is "kasan" or "kfence";
        if (!memory && !Kinds.Contains(input.Kind))
            yield break;
        foreach (ReportLine line in input.Around)
        {
            Clue? clue = memory ? Tags(line, input, taken) : List(line, input, taken) ?? Buffer(line, input);
            if (clue is not null)
                yield return clue;
        }
    }

    /// <summary>
    /// <c>list_del corruption. prev->next should be X, but was Y</c>; <c>list_del corruption, X->next is LIST_POISON1 (Y)</c>.
    /// </summary>
    private static Clue? List(ReportLine line, ClueInput input, List<string> taken)
    {
        string text = line.Text;
        // Folded on its way: the second half stands on the next line.
        if (text.EndsWith(',') && text.Contains("should be ", StringComparison.Ordinal) &&
            input.Around.FirstOrDefault(l => l.Number == line.Number + 1) is { Text: { } rest } &&
            rest.TrimStart().StartsWith("but was ", StringComparison.Ordinal))
            text = $"{text} {rest.TrimStart()}";
        if (!text.StartsWith("list_", StringComparison.Ordinal) || !text.Contains(" corruption", StringComparison.Ordinal))
            return null;
        string verb = text.StartsWith("list_add", StringComparison.Ordinal) ? "Adding to" : "Removing from";
        if (text.Contains("LIST_POISON", StringComparison.Ordinal))
            return new Clue("list-poison",
                $"{verb} a list failed: the entry had been taken off its list before and is taken off again " +
                    "(list poison), a double removal.",
                input.SourceOf(line));
        if (text.Contains(" is NULL", StringComparison.Ordinal))
            return new Clue("list-null",
                $"{verb} a list failed: a neighbour's pointer is NULL; " +
                "the entry was never put on a list, or its memory was cleared (freed and used anew).", input.SourceOf(line));
        if (text.Contains("double add", StringComparison.Ordinal))
            return new Clue("list-double-add", $"{verb} a list failed: the entry is on it already (added twice).", input.SourceOf(line));
        // printk's %p pads "(null)" with blanks.
        if (text.IndexOf("should be ", StringComparison.Ordinal) is >= 0 and var named &&
            text.IndexOf("but was ", named + 1, StringComparison.Ordinal) is > 0 and var nothing &&
            text.AsSpan(nothing + "but was ".Length).TrimStart(' ').TrimEnd(" .").ToString() is "(null)" or "NULL" or "0000000000000000"
                or "00000000")
            return new Clue("list-null",
                $"{verb} a list failed: the pointer of a neighbour that should lead back to the entry is NULL, " +
                "so the neighbour's memory was cleared or freed and used anew, or it was never initialised.", input.SourceOf(line));
        if (Shape.Find(text, "should be *but was {w}", taken) < 0)
            return null;
        ulong? was = Hex(taken[^1]), should = FirstHex(text[text.IndexOf("should be ", StringComparison.Ordinal)..]);
        if (was is not { } found)
            return null;
        const string Memory = "the neighbour's memory ";
        // Poison is what the list code itself writes into an entry that it takes off: nobody overwrote anything.
        if (AddressMeaning.Of(found, taken[^1].Length > 8) is { Meaning: "list-poison" })
            return new Clue("list-poison", $"{verb} a list failed: where a neighbour's pointer should be stood 0x{found:x}, the mark " +
                "that an entry gets when it is taken off its list (list poison). The neighbour had been taken off already, while this " +
                "entry still counts it as its neighbour: the list was changed without its lock, an entry was taken off twice, or this " +
                "entry lies on two lists.", input.SourceOf(line));
        if (AddressMeaning.Of(found, taken[^1].Length > 8) is { Meaning: not "null-member" } meaning)
        {
            string freed = meaning.Meaning == "freed-memory" ? " was freed while it was still on the list: use after free"
                : " was overwritten";
            return new Clue(meaning.Meaning,
                $"{verb} a list failed: where a neighbour's pointer should be stood 0x{found:x}. {Cap(meaning.Says)}. " +
                Cap(Memory) + freed.TrimStart() + ".", input.SourceOf(line));
        }
        string shown = $"{found:x}";
        if (text.IndexOf(shown, StringComparison.Ordinal) != text.LastIndexOf(shown, StringComparison.Ordinal))
            return new Clue("list-corruption", $"{verb} a list failed: the neighbour at 0x{shown} points at itself, " +
                "as an entry does that was just initialised or taken off: it was freed and used anew, " +
                "or initialised again, while it was on the list, or the list was changed without its lock.", input.SourceOf(line));
        if (should is { } right && BitOperations.PopCount(right ^ found) == 1)
        {
            Clue flip = Flip(found, right, "a list's pointer", input.SourceOf(line));
            return (right ^ found) < NearBy ? flip with { Says = flip.Says + " Here it may also be another member of the same object, " +
                "which lies as near." } : flip;
        }
        return new Clue("list-corruption", $"{verb} a list failed: a neighbour points elsewhere " +
            $"(0x{found:x}), so the list was changed without its lock, or an object on it was freed and used anew.", input.SourceOf(line));
    }

    /// <summary><c>skbuff: skb_under_panic: text:… len:60 put:14 head:X data:Y tail:0x7e end:0x680 dev:eth0</c></summary>
    private static Clue? Buffer(ReportLine line, ClueInput input)
    {
        bool under = line.Text.Contains("skb_under_panic: text:", StringComparison.Ordinal);
        if (!under && !line.Text.Contains("skb_over_panic: text:", StringComparison.Ordinal))
            return null;
        string Word(string name)
        {
            int at = line.Text.IndexOf(" " + name + ":", StringComparison.Ordinal);
            return at < 0 ? "" : line.Text[(at + name.Length + 2)..].Split(' ')[0];
        }
        string device = Word("dev") is { Length: > 0 } dev && dev[0] != '<' ? dev : "";
        string of = device.Length == 0 ? "" : $" of {device}";
        string what = under
            ? $"A packet{of} had no room in front for the header that was to be put there (skb_push, skb_under_panic)"
            : $"A packet{of} had no room behind for the data that was to be put there (skb_put, skb_over_panic)";
        if (Hex(Word("head")) is { } head && Hex(Word("data")) is { } data && Hex(Word("tail")) is { } tail &&
            long.TryParse(Word("len"), NumberStyles.None, CultureInfo.InvariantCulture, out long length))
        {
            // The tail is an offset from head on 64-bit machines, a pointer on others.
            ulong end = tail < head ? unchecked(head + tail) : tail;
            ulong right = unchecked(end - (ulong)length);
            if (right != data && BitOperations.PopCount(right ^ data) == 1)
                return Flip(data, right, $"the socket buffer of a packet{of} (skb->data, by its head, tail and len)", input.SourceOf(line));
        }
        return new Clue("socket-buffer", $"{what}: the code that built the packet reserved too little, or its numbers are broken.",
            input.SourceOf(line));
    }

    /// <summary><c>Pointer tag: [fd], memory tag: [fe]</c>: fe is given to memory when it is freed (KASAN_TAG_INVALID).</summary>
    private static Clue? Tags(ReportLine line, ClueInput input, List<string> taken)
    {
        if (Shape.Find(line.Text, "Pointer tag: [{w}], memory tag: [{w}]", taken) < 0)
            return null;
        return taken[1] == "fe"
            ? new Clue("freed-memory",
                "The memory's tag is fe, which freed memory gets: use after free (or memory that was never given out).",
                    input.SourceOf(line))
            : new Clue("other-tag",
                $"The pointer's tag ({taken[0]}) is not the memory's ({taken[1]}): " +
                "the object was freed and the memory given to another, or the access went beyond its object.", input.SourceOf(line));
    }

    public static Clue Flip(ulong was, ulong right, string where, Source source) => new("flipped-bit",
        $"In {where} 0x{was:x} stands where 0x{right:x} should be: " +
            $"exactly one bit (bit {BitOperations.TrailingZeroCount(was ^ right)}) differs. One flipped bit is a fault of memory, " +
            "caches or their power, or of code that sets or clears bits there; a wrong pointer differs in many.",
        source)
    {
        Fixes = TestMemory,
    };

    public static readonly Fix[] TestMemory =
        [new("Test the memory (memtest86+), and look for corrected errors of it before: ras-mc-ctl, the BMC's log")];

    private static string Cap(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static ulong? Hex(string text)
    {
        string bare = text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;
        return bare.Length is > 0 and <= 16 &&
            ulong.TryParse(bare, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) ? value : null;
    }

    /// <summary>The first number of eight or more hexadecimal digits.</summary>
    private static ulong? FirstHex(string text)
    {
        foreach (string word in text.Split([' ', '(', ')', ',', '.'], StringSplitOptions.RemoveEmptyEntries).Take(8))
        {
            if (word.Length >= 8 && Hex(word) is { } value)
                return value;
        }
        return null;
    }
}
