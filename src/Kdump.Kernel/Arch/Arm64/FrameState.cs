using Kdump.Formats.Bytes;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Symbols;

namespace Kdump.Kernel.Arch.Arm64;

/// <summary>
/// Whether a function that was interrupted had made its frame record yet, or had given it up again: then its caller is not in any record
/// but in x30. The kernel itself cannot tell and leaves that frame out, or prints both (its "(L)" since v6.13). Every way through the
/// function from its first instruction is followed.
/// </summary>
internal static class FrameState
{
    private const int LargestFunction = 64 << 10;

    /// <summary>What the ways to an instruction leave behind.</summary>
    [Flags]
    private enum Seen : byte
    {
        Nothing = 0, NoFrame = 1, Saved = 2, Frame = 4,
    }

    /// <summary>True: the return address is in x30. False: it is in the record that x29 points to. Null: the code does not tell.</summary>
    public static bool? ReturnsByLink(KernelMemory memory, ulong pc, Location location)
    {
        ulong start = unchecked(pc - location.Offset);
        int length = (int)Math.Min(LargestFunction, Math.Max(location.Size, location.Offset + Code.Bytes) & ~3UL);
        byte[] code = new byte[length];
        int at = (int)(location.Offset / Code.Bytes);
        // Its cold part is entered from the middle of the other.
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
