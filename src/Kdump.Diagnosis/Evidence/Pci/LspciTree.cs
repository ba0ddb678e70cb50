using System.Globalization;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Pci;

/// <summary>
/// Reads <c>lspci -t</c> and <c>-tv</c>: a drawing in which a function belongs to the nearest bus to its left that was opened above or
/// before it. <c>-[0000:00]-+-00.0</c>, <c>+-02.0-[01-03]--+-00.0  name</c>, and a line of several domains begins with <c>-+-[0000:80]</c>.
/// </summary>
public sealed class LspciTree : LineParser
{
    /// <summary>Columns of one drawing: bridges below bridges, each some twelve wide.</summary>
    private const int MaxWidth = 2000;

    private readonly List<(int Column, int Segment, byte Bus)> open = [];

    public override string Kind => "lspci -t";

    public override IReadOnlyList<string> Signs { get; } = ["]-+-", "]---"];

    public override bool Busy => open.Count > 0;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        int start = text.IndexOfAnyExcept(" |\t");
        if (start < 0 || text.Length > MaxWidth || !IsDrawing(text[start..]))
        {
            open.Clear();
            return false;
        }
        // Pasting may indent the tree, but its columns stay aligned.
        LspciFunction? last = null;
        bool taken = false;
        for (int at = start; at < text.Length;)
        {
            if (text[at] is '-' or '+' or '\\')
                at++;
            else if (text[at] == '[' && Bus(text[at..], out int segment, out byte first, out byte to, out int length))
            {
                open.RemoveAll(o => o.Column >= at);
                if (segment < 0)
                    segment = open.Count > 0 ? open[^1].Segment : 0;
                open.Add((at, segment, first));
                if (last is not null)
                {
                    last.Secondary = first;
                    last.Subordinate = to;
                }
                at += length;
            }
            else if (Function(text[at..], out byte device, out byte function))
            {
                int column = at;
                open.RemoveAll(o => o.Column >= column);
                if (open.Count == 0)
                    return taken;
                last = new LspciFunction(line.ToSource(), new PciAddress(open[^1].Segment, open[^1].Bus, device, function));
                facts.Add(last);
                taken = true;
                at += 4;
                // Behind two blanks stands the name, to the end of the line.
                if (text[at..].StartsWith("  ", StringComparison.Ordinal))
                {
                    last.Name = text[at..].Trim().ToString();
                    return true;
                }
            }
            else
                return taken;
        }
        return taken;
    }

    public override void End(Facts facts) => open.Clear();

    /// <summary>A branch or a root: nothing but the drawing's own characters before the first bus or function.</summary>
    private bool IsDrawing(ReadOnlySpan<char> text) =>
        text.StartsWith("-[", StringComparison.Ordinal) || text.StartsWith("-+-[", StringComparison.Ordinal) ||
            (open.Count > 0 && (text.StartsWith("+-", StringComparison.Ordinal) || text.StartsWith("\\-", StringComparison.Ordinal)));

    /// <summary><c>[0000:00]</c>, <c>[01]</c>, <c>[02-05]</c>; a bus without a domain has that of the bus above it.</summary>
    private static bool Bus(ReadOnlySpan<char> text, out int segment, out byte first, out byte last, out int length)
    {
        segment = -1;
        first = last = 0;
        length = text.IndexOf(']') + 1;
        if (length is < 4 or > 16)
            return false;
        ReadOnlySpan<char> inside = text[1..(length - 1)];
        int colon = inside.IndexOf(':');
        if (colon >= 0 && !int.TryParse(inside[..colon], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out segment))
            return false;
        inside = inside[(colon + 1)..];
        int dash = inside.IndexOf('-');
        if (!byte.TryParse(dash < 0 ? inside : inside[..dash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out first))
            return false;
        last = first;
        return dash < 0 || byte.TryParse(inside[(dash + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out last);
    }

    private static bool Function(ReadOnlySpan<char> text, out byte device, out byte function)
    {
        function = 0;
        device = 0;
        if (text.Length < 4 || text[2] != '.' || text[3] is < '0' or > '7' ||
            !byte.TryParse(text[..2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out device) || device > 0x1f)
            return false;
        function = (byte)(text[3] - '0');
        return true;
    }
}
