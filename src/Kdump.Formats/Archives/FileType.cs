using System.Text;

namespace Kdump.Formats.Archives;

/// <summary>File types of include/uapi/linux/stat.h.</summary>
public static class FileType
{
    public const uint Mask = 0xf000, Socket = 0xc000, Link = 0xa000, Regular = 0x8000, Block = 0x6000, Directory = 0x4000,
        Character = 0x2000, Fifo = 0x1000;

    /// <summary>The mode in the form of ls(1): type and three triples, with set-id and sticky bits.</summary>
    public static string ModeText(uint mode)
    {
        var text = new StringBuilder(10);
        text.Append((mode & FileType.Mask) switch
        {
            FileType.Directory => 'd', FileType.Link => 'l', FileType.Block => 'b', FileType.Character => 'c',
            FileType.Fifo => 'p', FileType.Socket => 's', FileType.Regular => '-', _ => '?',
        });
        for (int shift = 6; shift >= 0; shift -= 3)
        {
            uint bits = mode >> shift;
            bool special = (mode & (0x200u << (shift / 3))) != 0;
            text.Append((bits & 4) != 0 ? 'r' : '-').Append((bits & 2) != 0 ? 'w' : '-');
            char set = shift == 0 ? 't' : 's';
            char execute;
            if (special)
                execute = (bits & 1) != 0 ? set : char.ToUpperInvariant(set);
            else
                execute = (bits & 1) != 0 ? 'x' : '-';
            text.Append(execute);
        }
        return text.ToString();
    }
}
