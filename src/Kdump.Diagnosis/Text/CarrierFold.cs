namespace Kdump.Diagnosis.Text;

/// <summary>Lines that a mailer or a terminal folded: no stamped line is longer than a width, and many stop just before it.</summary>
internal static class CarrierFold
{
    private const int Narrowest = 55, Widest = 101;

    /// <summary>Columns of a terminal: lines that end exactly there were cut.</summary>
    private const int Terminal = 80;

    /// <summary>The width at which the lines of a block were folded, or 0.</summary>
    /// <param name="hard">They were cut within words.</param>
    public static int WidthOf(string[] lines, Carrier carrier, out bool hard)
    {
        var made = new CarrierText();
        int width = 0, longest = 0, pairs = 0, stamped = 0, cut = 0;
        hard = false;
        var kernel = new bool[lines.Length];
        for (int i = 0; i < lines.Length; i++)
        {
            kernel[i] = Carried(KernelLine.Parse(made.Bare(carrier, lines[i])));
            stamped += kernel[i] ? 1 : 0;
            longest = Math.Max(longest, lines[i].Length);
            if (i > 0 && kernel[i - 1] && !kernel[i] && lines[i].Length > 0)
            {
                pairs++;
                width = Math.Max(width, lines[i - 1].Length);
                cut += lines[i - 1].Length == Terminal && char.IsAsciiLetterOrDigit(lines[i - 1][^1]) &&
                    char.IsAsciiLetterOrDigit(lines[i][0])
                    ? 1 : 0;
            }
        }
        // A terminal: no line is longer, and each that goes on ends at its edge (or before, where a blank was trimmed there).
        hard = cut > 0 && longest == Terminal && Goes(lines, kernel);
        if (hard)
            return Terminal;
        // Where long words follow (addresses), no line that was folded comes near the width, and others fill it.
        if (longest > width + 4 && longest <= Widest)
            width = longest;
        if (pairs < 3 || pairs * 12 < stamped || width is < Narrowest or > Widest || longest > width + 4)
            return 0;
        int full = 0;
        for (int i = 1; i < lines.Length; i++)
        {
            if (kernel[i - 1] && !kernel[i] && lines[i].Length > 0 &&
                HasNoPlace(width, lines[i - 1].Length, carrier.Quoted ? Carrier.Unquoted(lines[i]) : lines[i]))
                full++;
        }
        return full * 10 >= pairs * 8 ? width : 0;
    }

    public static bool Continues(Carrier carrier, int before, in TextLine line) =>
        !Carried(line.Kernel) && line.Text.Length > 0 && (carrier.HardFold ? before >= carrier.Fold - 1
            : HasNoPlace(carrier.Fold, before, line.Text));

    /// <summary>It begins as a record of a log does, the kernel's or a program's.</summary>
    public static bool Carried(in KernelLine line) => line.Stamped || line.Foreign;

    /// <summary>Every line of the kernel's that fills the terminal is followed by one without a stamp.</summary>
    private static bool Goes(string[] lines, bool[] kernel)
    {
        for (int i = 0; i + 1 < lines.Length; i++)
        {
            if (lines[i].Length == Terminal && kernel[i + 1])
                return false;
        }
        return true;
    }

    private static bool HasNoPlace(int width, int before, ReadOnlySpan<char> next)
    {
        next = next.TrimStart(' ');
        int word = next.IndexOf(' ');
        return before + 1 + (word < 0 ? next.Length : word) > width - 3;
    }
}
