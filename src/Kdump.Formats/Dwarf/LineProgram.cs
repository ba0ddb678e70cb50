using System.Text;
using Kdump.Formats.Bytes;

namespace Kdump.Formats.Dwarf;

/// <summary>
/// The line table of a unit (DWARF 5, 6.2): a program that generates rows of address, file and line. The program runs again for each
/// address that is looked up; rows are not kept.
/// </summary>
internal sealed class LineProgram
{
    /// <summary>Maximum size of a line table in bytes; a kernel's largest ones have a few hundred kilobytes.</summary>
    private const long MaxBytes = 64 << 20;

    private readonly DwarfSections sections;
    private readonly DwarfUnit unit;
    private readonly byte[] data;
    private readonly long start;
    private readonly List<string> folders = [];
    private readonly List<(string Name, ulong Folder)> files = [];
    private int version, offsetSize, addressSize, program;
    private byte minimum, most, opcodeBase, lineRange;
    private sbyte lineBase;
    private byte[] lengths = [];

    private LineProgram(DwarfSections sections, DwarfUnit unit, byte[] data, long start)
    {
        this.sections = sections;
        this.unit = unit;
        this.data = data;
        this.start = start;
        addressSize = unit.AddressSize;
    }

    /// <exception cref="InputException">The header is invalid or of an unknown version.</exception>
    public static LineProgram At(DwarfSections sections, DwarfUnit unit, ulong at)
    {
        if (at >= (ulong)sections.Lines.Length)
            throw new InputException(sections.Lines.Name, "DW_AT_stmt_list", -1, $"0x{at:x} is outside the section");
        byte[] head = sections.Lines.ReadUpTo((long)at, 12);
        DwarfCursor c = new(head, 0, sections.Lines.Name, (long)at, sections.BigEndian);
        ulong length = c.U32();
        int size = 4;
        if (length == uint.MaxValue)
        {
            length = c.Unsigned(8);
            size = 8;
        }
        if (length > (ulong)Math.Min(MaxBytes, sections.Lines.Length - (long)at))
            throw c.Bad($"a line table of {length} bytes");
        byte[] data = sections.Lines.Read((long)at, (long)length + c.Position, "line table");
        LineProgram table = new(sections, unit, data, (long)at) { offsetSize = size };
        table.ReadHeader(c.Position);
        return table;
    }

    /// <summary>The file with the number that the table and DW_AT_call_file use; null if there is no such file.</summary>
    public string? File(ulong number)
    {
        // Before DWARF 5 files are numbered from 1, and 0 means no file.
        ulong index = version >= 5 ? number : unchecked(number - 1);
        if (index >= (ulong)files.Count)
            return null;
        (string name, ulong folder) = files[(int)index];
        if (name.StartsWith('/'))
            return name;
        // Folder 0 is the compilation directory, which is in the table only since DWARF 5.
        ulong at = version >= 5 ? folder : unchecked(folder - 1);
        string within = at < (ulong)folders.Count ? folders[(int)at] : "";
        string path = within.Length == 0 ? name : $"{within}/{name}";
        if (path.StartsWith('/'))
            return path;
        string? ground;
        if (unit.Root.Directory is { } text)
            ground = sections.Text(text, unit);
        else
            ground = version >= 5 && folders.Count > 0 ? folders[0] : null;
        return ground is null ? path : $"{ground}/{path}";
    }

    /// <summary>File and line of the row that covers an address; null if no row does.</summary>
    public (ulong File, uint Line)? Find(ulong address)
    {
        DwarfCursor c = Cursor(program);
        (ulong Address, ulong File, uint Line)? before = null;
        (ulong File, uint Line)? found = null;
        ulong at = 0, file = 1;
        uint line = 1;
        byte operation = 0;
        while (c.Remaining > 0)
        {
            bool row = false, end = false;
            byte code = c.U8();
            if (code >= opcodeBase)
            {
                int adjusted = code - opcodeBase;
                Advance(ref at, ref operation, (ulong)(adjusted / lineRange));
                line = unchecked((uint)(line + lineBase + adjusted % lineRange));
                row = true;
            }
            else
                switch (code)
                {
                    case 0:
                        ulong length = c.Uleb();
                        if (length == 0)
                            break;
                        if (length > (ulong)c.Remaining)
                            throw c.Bad($"an instruction of {length} bytes");
                        int next = c.Position + (int)length;
                        switch (c.U8())
                        {
                            case 1: row = end = true; break;
                            case 2: at = c.Unsigned((int)length - 1 is 4 or 8 ? (int)length - 1 : addressSize); operation = 0; break;
                        }
                        c = Cursor(next);
                        break;
                    case 1: row = true; break;
                    case 2: Advance(ref at, ref operation, c.Uleb()); break;
                    case 3: line = unchecked((uint)(line + c.Sleb())); break;
                    case 4: file = c.Uleb(); break;
                    case 8: Advance(ref at, ref operation, (ulong)((255 - opcodeBase) / lineRange)); break;
                    case 9: at = unchecked(at + c.U16()); operation = 0; break;
                    default:
                        for (int i = 0; i < lengths[code - 1]; i++)
                            c.Uleb();
                        break;
                }
            if (!row)
                continue;
            if (before is { } b && b.Address <= address && address < at)
                found = (b.File, b.Line);
            if (found is not null)
                return found;
            before = end ? null : (at, file, line);
            if (end)
            {
                at = 0;
                file = line = 1;
                operation = 0;
            }
        }
        return null;
    }

    private void Advance(ref ulong at, ref byte operation, ulong by)
    {
        if (most <= 1)
        {
            at = unchecked(at + by * minimum);
            return;
        }
        ulong sum = unchecked(operation + by);
        at = unchecked(at + minimum * (sum / most));
        operation = (byte)(sum % most);
    }

    private DwarfCursor Cursor(int at) => new(data, at, sections.Lines.Name, start, sections.BigEndian);

    private void ReadHeader(int at)
    {
        DwarfCursor c = Cursor(at);
        version = c.U16();
        if (version is < 2 or > 5)
            throw c.Bad($"version {version} of line tables is not known (2 to 5 are)");
        if (version >= 5)
        {
            addressSize = c.U8();
            c.Skip(1);
        }
        ulong header = c.Unsigned(offsetSize);
        if (header > (ulong)c.Remaining)
            throw c.Bad($"a header of {header} bytes");
        program = c.Position + (int)header;
        minimum = c.U8();
        most = version >= 4 ? c.U8() : (byte)1;
        c.Skip(1);
        lineBase = unchecked((sbyte)c.U8());
        lineRange = c.U8();
        opcodeBase = c.U8();
        if (lineRange == 0 || opcodeBase == 0)
            throw c.Bad("line_range or opcode_base is 0");
        lengths = new byte[opcodeBase - 1];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = c.U8();
        if (version >= 5)
        {
            ReadTable(ref c, (name, _) => folders.Add(name));
            ReadTable(ref c, (name, folder) => files.Add((name, folder)));
            return;
        }
        for (ReadOnlySpan<byte> text = c.Text(); text.Length > 0; text = c.Text())
            folders.Add(Encoding.UTF8.GetString(text));
        for (ReadOnlySpan<byte> text = c.Text(); text.Length > 0; text = c.Text())
        {
            files.Add((Encoding.UTF8.GetString(text), c.Uleb()));
            c.Uleb();
            c.Uleb();
        }
    }

    /// <summary>Reads the folders and files of DWARF 5 (6.2.4.1): a format, then entries in that format.</summary>
    private void ReadTable(ref DwarfCursor c, Action<string, ulong> add)
    {
        (ulong Content, ulong Form)[] format = new (ulong, ulong)[c.U8()];
        for (int i = 0; i < format.Length; i++)
            format[i] = (c.Uleb(), c.Uleb());
        ulong count = c.Uleb();
        // Every entry has a name, which takes at least one byte.
        if (count > (ulong)c.Remaining || (count > 0 && format.Length == 0))
            throw c.Bad($"{count} entries are more than there is room for");
        for (ulong i = 0; i < count; i++)
        {
            string name = "";
            ulong folder = 0;
            foreach ((ulong content, ulong form) in format)
            {
                (string? text, ulong number) = Value(ref c, form);
                if (content == 1)
                    name = text ?? "";
                else if (content == 2)
                    folder = number;
            }
            add(name, folder);
        }
    }

    private (string? Text, ulong Number) Value(ref DwarfCursor c, ulong form)
    {
        switch (form)
        {
            case 0x08: return (Encoding.UTF8.GetString(c.Text()), 0);
            case 0x0e: return (sections.Strings.Text(c.Unsigned(offsetSize)), 0);
            case 0x1f: return (sections.LineStrings.Text(c.Unsigned(offsetSize)), 0);
            case 0x1a: return (sections.Text(new DwarfText(DwarfTextPlace.Indexed, c.Uleb()), unit), 0);
            case 0x0b: return (null, c.U8());
            case 0x05: return (null, c.U16());
            case 0x06: return (null, c.U32());
            case 0x07: return (null, c.Unsigned(8));
            case 0x0f: return (null, c.Uleb());
            case 0x1e: c.Skip(16); return (null, 0);
            case 0x09: c.Skip(c.Uleb()); return (null, 0);
            default: throw c.Bad($"a form 0x{form:x} that no line table has");
        }
    }
}
