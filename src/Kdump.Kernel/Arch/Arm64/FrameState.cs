using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// Determines whether an interrupted function had not yet created its frame record, or had removed it already: in both cases its caller
/// is in x30 and not in a record. The kernel itself cannot determine this; it leaves the frame out, or prints both (marked "(L)" since
/// v6.13). Every path through the function, from its first instruction, is followed.
/// </summary>
internal static class FrameState
{
    private const int LargestFunction = 64 << 10;

    /// <summary>States that the paths to an instruction lead to.</summary>
    [Flags]
    private enum Seen : byte
    {
        Nothing = 0, NoFrame = 1, Saved = 2, Frame = 4,
    }

    /// <summary>
    /// True: the return address is in x30. False: it is in the record that x29 points to. Null: it cannot be determined from the code.
    /// </summary>
    public static bool? ReturnsByLink(KernelMemory memory, ulong pc, Location location)
    {
        ulong start = unchecked(pc - location.Offset);
        int length = (int)Math.Min(LargestFunction, Math.Max(location.Size, location.Offset + Code.Bytes) & ~3UL);
        byte[] code = new byte[length];
        int at = (int)(location.Offset / Code.Bytes);
        // The cold part of a function is entered from the middle of its main part.
        if (at >= length / Code.Bytes || location.Symbol.Contains(".cold", StringComparison.Ordinal) ||
            !memory.TryRead(new VirtualAddress(start), code))
            return null;
        return Follow(code, at) switch
        {
            Seen.Frame => false,
            Seen.NoFrame or Seen.Saved or Seen.NoFrame | Seen.Saved => true,
            _ => null,
        };
    }

    private static Seen Follow(ReadOnlySpan<byte> code, int wanted)
    {
        int count = code.Length / Code.Bytes;
        Seen[] seen = new Seen[count];
        Stack<(int At, Seen State)> ways = new([(0, Seen.NoFrame)]);
        while (ways.TryPop(out (int At, Seen State) way))
        {
            (int at, Seen state) = way;
            while (at >= 0 && at < count && (seen[at] & state) == 0)
            {
                seen[at] |= state;
                uint i = Code.At(code, at);
                if (Code.SavesFrame(i))
                    state = Seen.Saved;
                else if (Code.SetsFramePointer(i) && state == Seen.Saved)
                    state = Seen.Frame;
                else if (Code.RestoresFrame(i))
                    state = Seen.NoFrame;
                else if (Code.Returns(i) || Code.JumpsByRegister(i))
                    break;
                else if (Code.Branch(i, call: false) is { } jump)
                {
                    at = unchecked((int)(at + jump / Code.Bytes));
                    continue;
                }
                else if (Code.Condition(i) is { } other)
                    ways.Push((unchecked((int)(at + other / Code.Bytes)), state));
                at++;
            }
        }
        return seen[wanted];
    }
}
