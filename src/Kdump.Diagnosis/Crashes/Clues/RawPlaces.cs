namespace Kdump.Diagnosis.Crashes.Clues;

/// <summary>
/// Kernels without names of functions, and logs of which only the first line is left, tell the place as a number:
/// <c>… at virtual address 00000001, epc == 86529270, ra == 865359d4</c> (mips), <c>era == …</c> (loongarch).
/// </summary>
internal static class RawPlaces
{
    private static readonly string[] Marks = ["epc == ", "era == "];

    public static IEnumerable<Clue> Read(ClueInput input)
    {
        if (input.Function is null && input.Frames.Count == 0 && OfPower(input) is { } power)
        {
            yield return power;
            yield break;
        }
        if (input.Function is null && input.Frames.Count == 0 && OfMips(input) is { } mips)
        {
            yield return mips;
            yield break;
        }
        string text = input.Report.Heading.Text;
        if (input.Function is not null || input.Frames.Count > 0 ||
            Array.Find(Marks, m => text.Contains(m, StringComparison.Ordinal)) is not { } mark || Value(text, mark) is not { } place)
            yield break;
        string caller = Value(text, "ra == ", text.IndexOf(mark, StringComparison.Ordinal) + 4) is { } from ? $", called from {from}" : "";
        yield return new Clue("raw-place", $"The place is told only as a number: {place}{caller}. " +
            "The lines behind it (\"Modules linked in\", \"Call Trace\"; also in pstore or the crash log of the boot after) " +
            "name the function, or the module by its address; a module lies elsewhere after each boot.", input.Report.Heading);
    }

    /// <summary>powerpc prints it before it can print symbols (arch/powerpc/mm/fault.c bad_page_fault).</summary>
    private static Clue? OfPower(ClueInput input)
    {
        const string Mark = "Faulting instruction address: 0x";
        return input.Find(Mark) is { } line && Value(line.Text, Mark) is { } place
            ? new Clue("raw-place", $"The place is told only as a number: 0x{place}. The lines behind it name the function; " +
                "else look it up in that kernel's System.map or vmlinux.", input.SourceOf(line))
            {
                Fixes = [new("Find the source line (needs the debug information of exactly this kernel)",
                    $"addr2line -f -i -e vmlinux 0x{place}")],
            } : null;
    }

    /// <summary>
    /// <c>epc   : 8021bde8 0x8021bde8</c>: a kernel without names (CONFIG_KALLSYMS off, as on small devices) prints the address twice.
    /// </summary>
    private static Clue? OfMips(ClueInput input)
    {
        const string Mark = "epc   : ", Caller = "ra    : ";
        if (input.Find(Mark) is not { } line || Value(line.Text, Mark) is not { } place ||
            !line.Text.Contains($" 0x{place}", StringComparison.Ordinal))
            return null;
        string from = input.Find(Caller) is { } caller && Value(caller.Text, Caller) is { } at ? $", called from 0x{at}" : "";
        return new Clue("raw-place", $"The kernel has no names of functions to print (no kallsyms): the CPU was at 0x{place}{from}, " +
            "which the System.map or vmlinux of exactly this build resolves.", input.SourceOf(line))
        {
            Fixes = [new("Find the source line (needs the debug information of exactly this kernel)",
                $"addr2line -f -i -e vmlinux 0x{place}")],
        };
    }

    private static string? Value(string text, string mark, int from = 0)
    {
        int at = text.IndexOf(mark, from, StringComparison.Ordinal);
        if (at < 0)
            return null;
        int end = at += mark.Length;
        while (end < text.Length && char.IsAsciiHexDigit(text[end]))
            end++;
        return end - at is 8 or 16 ? text[at..end] : null;
    }
}
