using System.Buffers.Binary;
using Kdump.Kernel.Types;

namespace Kdump.Kernel.Arch.X8664;

/// <summary>
/// The four layouts of the flags in struct orc_entry, which follow s16 sp_offset and s16 bp_offset in all of them. One: sp_reg:4 bp_reg:4
/// type:2 end:1, Linux commit ee9f8fce9964 ("x86/unwind: Add the ORC unwinder") (v4.14). Two: type:2 signal:1 end:1, commit ffb1b4a41016
/// ("x86/unwind/orc: Add 'signal' field to ORC metadata") (v6.3). Three: type:3 signal:1, commit fb799447ae29 ("x86,objtool: Split
/// UNWIND_HINT_EMPTY in two") (v6.4). Four: as three, with the registers renumbered (v7.1). Distributions backport three without its
/// header hash (RHEL 9.6), so the version is determined from the content, never from the release.
/// </summary>
public enum OrcVersion : byte
{
    One = 1, Two, Three, Four,
}

/// <summary>Determines the version of a table and decodes its entries.</summary>
public static class OrcVersions
{
    private const int Sample = 20_000;

    public static OrcVersion Detect(ReadOnlySpan<byte> entries, Btf? btf)
    {
        int count = entries.Length / 6;
        int step = Math.Max(1, count / Sample);
        Span<int> sp = stackalloc int[16];
        Span<int> type = stackalloc int[8];
        bool endOfTwo = false;
        for (int i = 0; i < count; i += step)
        {
            ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(entries[(6 * i + 4)..]);
            sp[flags & 0xF]++;
            type[(flags >> 8) & 7]++;
            endOfTwo |= (flags & 0x0800) != 0;
        }
        // Most code of a kernel addresses its frame by sp: register 5 in the old numbering, 3 in the new one.
        bool renumbered = sp[3] > sp[5];
        if (btf?.Struct("orc_entry") is { } layout)
        {
            if (layout.Has("end"))
                return layout.Has("signal") ? OrcVersion.Two : OrcVersion.One;
            return renumbered ? OrcVersion.Four : OrcVersion.Three;
        }
        // Most frames are plain calls: type 2 in versions three and four, 0 in one and two.
        if (type[2] > type[0])
            return renumbered ? OrcVersion.Four : OrcVersion.Three;
        return endOfTwo ? OrcVersion.Two : OrcVersion.One;
    }

    public static OrcEntry Decode(ReadOnlySpan<byte> entry, OrcVersion version)
    {
        short spOffset = BinaryPrimitives.ReadInt16LittleEndian(entry), bpOffset = BinaryPrimitives.ReadInt16LittleEndian(entry[2..]);
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]);
        OrcRegister sp = Register(flags & 0xF, version), bp = Register((flags >> 4) & 0xF, version);
        OrcType type;
        bool signal;
        if (version <= OrcVersion.Two)
        {
            bool end = (flags & (version == OrcVersion.One ? 0x400 : 0x800)) != 0;
            type = sp switch
            {
                OrcRegister.Undefined => (end ? OrcType.EndOfStack : OrcType.Undefined),
                _ => ((flags >> 8) & 3) switch { 0 => OrcType.Call, 1 => OrcType.Regs, 2 => OrcType.RegsPartial, _ => OrcType.Undefined },
            };
            signal = version == OrcVersion.Two && (flags & 0x400) != 0;
        }
        else
        {
            type = (OrcType)Math.Min((flags >> 8) & 7, 5);
            if (type > OrcType.RegsPartial)
                type = OrcType.Undefined;
            signal = (flags & 0x800) != 0;
        }
        return new OrcEntry(spOffset, bpOffset, sp, bp, type, signal);
    }

    private static OrcRegister Register(int value, OrcVersion version) => version == OrcVersion.Four
        ? value switch
        {
            1 => OrcRegister.Ax, 2 => OrcRegister.Dx, 3 => OrcRegister.Sp, 4 => OrcRegister.Bp, 5 => OrcRegister.Di, 6 => OrcRegister.R10,
            7 => OrcRegister.R13, 8 => OrcRegister.PreviousSp, 9 => OrcRegister.SpIndirect, 10 => OrcRegister.BpIndirect, _ =>
                OrcRegister.Undefined,
        }
        : value switch
        {
            1 => OrcRegister.PreviousSp, 2 => OrcRegister.Dx, 3 => OrcRegister.Di, 4 => OrcRegister.Bp, 5 => OrcRegister.Sp, 6 =>
                OrcRegister.R10,
            7 => OrcRegister.R13, 8 => OrcRegister.BpIndirect, 9 => OrcRegister.SpIndirect, 10 => OrcRegister.Ax, _ =>
                OrcRegister.Undefined,
        };
}
