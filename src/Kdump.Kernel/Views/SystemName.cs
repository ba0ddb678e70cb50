using System.Text;
using Kdump.Formats.Bytes;
using Kdump.Kernel.Structs;

namespace Kdump.Kernel.Views;

/// <summary>uname of the crashed kernel: init_uts_ns, struct new_utsname.</summary>
public sealed record SystemName(string Node, string Release, string Version, string Machine)
{
    private const int Field = 65;

    /// <exception cref="InputException">The memory is missing, or the release is not at its expected place.</exception>
    public static SystemName Read(CrashedKernel kernel)
    {
        VirtualAddress uts = kernel.Symbol("init_uts_ns");
        byte[] raw = new byte[8 + 6 * Field];
        kernel.Memory.Read(uts, raw, "init_uts_ns");
        int release = raw.AsSpan().IndexOf(Encoding.Latin1.GetBytes((kernel.Release ?? "?") + "\0"));
        if (release < 2 * Field || release > 2 * Field + 8)
            throw new InputException(kernel.Dump.Name, "init_uts_ns", -1, "does not hold the release where struct new_utsname has it");
        return new SystemName(Text(raw, release - Field), Text(raw, release), Text(raw, release + Field), Text(raw, release + 2 * Field));
    }

    private static string Text(byte[] raw, int at)
    {
        ReadOnlySpan<byte> field = raw.AsSpan(at, Field);
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
