using System.Text;

namespace Kdump.Tests.Image;

/// <summary>The smallest ELF files that a dynamic linker or a module loader would read.</summary>
public static class ElfBuilder
{
    /// <summary>A program (with an interpreter) or a library (without), for x86-64.</summary>
    public static byte[] Dynamic(string? interpreter, string[] needed, string? runpath = null, ushort machine = 62)
    {
        var strings = new List<byte> { 0 };
        int Add(string text)
        {
            int at = strings.Count;
            strings.AddRange(Encoding.UTF8.GetBytes(text + '\0'));
            return at;
        }
        var tags = needed.Select(n => (Tag: 1L, Value: (long)Add(n))).ToList();
        if (runpath is not null)
            tags.Add((29, Add(runpath)));
        int interp = interpreter is null ? 0 : Add(interpreter);
        const int HeadersEnd = 64 + 3 * 56;
        int table = HeadersEnd, dynamic = (table + strings.Count + 7) & ~7;
        tags.Add((5, table));
        tags.Add((0, 0));
        var file = new byte[dynamic + tags.Count * 16];
        Header(file, type: 3, machine, programs: 3, sections: 0, sectionOffset: 0);
        Program(file, 0, 1, 0, file.Length);
        Program(file, 1, 2, dynamic, tags.Count * 16);
        Program(file, 2, interpreter is null ? 0u : 3u, table + interp, interpreter is null ? 0 : interpreter.Length + 1);
        strings.CopyTo(file, table);
        for (int i = 0; i < tags.Count; i++)
        {
            BitConverter.GetBytes(tags[i].Tag).CopyTo(file, dynamic + i * 16);
            BitConverter.GetBytes(tags[i].Value).CopyTo(file, dynamic + i * 16 + 8);
        }
        return file;
    }

    /// <summary>A kernel module with these .modinfo strings.</summary>
    public static byte[] Module(params string[] info)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(info.Select(i => i + '\0'))),
            names = Encoding.UTF8.GetBytes("\0.modinfo\0.shstrtab\0");
        int infoAt = 64, namesAt = infoAt + text.Length, table = (namesAt + names.Length + 7) & ~7;
        var file = new byte[table + 3 * 64];
        Header(file, type: 1, 62, programs: 0, sections: 3, sectionOffset: table);
        text.CopyTo(file, infoAt);
        names.CopyTo(file, namesAt);
        Section(file, table + 64, 1, infoAt, text.Length);
        Section(file, table + 128, 10, namesAt, names.Length);
        BitConverter.GetBytes((ushort)2).CopyTo(file, 62);
        return file;
    }

    private static void Header(byte[] file, ushort type, ushort machine, ushort programs, ushort sections, long sectionOffset)
    {
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(file, 0);
        BitConverter.GetBytes(type).CopyTo(file, 16);
        BitConverter.GetBytes(machine).CopyTo(file, 18);
        BitConverter.GetBytes(64L).CopyTo(file, 32);
        BitConverter.GetBytes(sectionOffset).CopyTo(file, 40);
        BitConverter.GetBytes((ushort)56).CopyTo(file, 54);
        BitConverter.GetBytes(programs).CopyTo(file, 56);
        BitConverter.GetBytes((ushort)64).CopyTo(file, 58);
        BitConverter.GetBytes(sections).CopyTo(file, 60);
    }

    private static void Program(byte[] file, int index, uint type, long offset, long size)
    {
        int at = 64 + index * 56;
        BitConverter.GetBytes(type).CopyTo(file, at);
        BitConverter.GetBytes(offset).CopyTo(file, at + 8);
        BitConverter.GetBytes(offset).CopyTo(file, at + 16);
        BitConverter.GetBytes(size).CopyTo(file, at + 32);
    }

    private static void Section(byte[] file, int at, int name, long offset, long size)
    {
        BitConverter.GetBytes(name).CopyTo(file, at);
        BitConverter.GetBytes(offset).CopyTo(file, at + 24);
        BitConverter.GetBytes(size).CopyTo(file, at + 32);
    }
}
