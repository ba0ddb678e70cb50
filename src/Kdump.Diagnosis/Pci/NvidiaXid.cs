using System.Globalization;

namespace Kdump.Diagnosis.Pci;

/// <summary>Who is to blame for an Xid.</summary>
public enum XidBlame
{
    Unknown,
    Application,
    Driver,
    Hardware,
    Link,
    Information,
}

/// <summary>
/// The numbers by which NVIDIA's driver reports errors: NVIDIA Xid Errors (docs.nvidia.com/deploy/xid-errors), facts only. The letter says
/// who is to blame first: A application, D driver or its firmware, H hardware, L link, I information.
/// </summary>
public static class NvidiaXid
{
    /// <summary>Number, letter, words.</summary>
    private static readonly Dictionary<uint, string> Words = Read("""
        8 D the GPU stopped processing
        13 A graphics engine exception: mostly a program that reads or writes outside its arrays
        16 D the display engine hangs
        31 A memory page fault of the GPU: a program used an address that is not mapped for it
        32 D invalid or corrupted push buffer stream
        37 D the driver's firmware failed
        38 D the driver's firmware failed
        42 H video processor exception
        43 A the GPU stopped processing: a program's fault, the GPU itself is well
        44 D graphics engine fault during a context switch
        45 I a program's work was removed early: it ended, or another error was first
        46 D the GPU stopped processing
        48 H double-bit ECC error: memory of the GPU is broken there
        54 H auxiliary power is not connected to the card
        56 H the display engine failed
        57 H programming the memory interface failed
        58 H the memory interface is unstable
        61 H internal breakpoint of a microcontroller
        62 H internal halt of a microcontroller
        63 I a page or row of its memory was retired or remapped
        64 H retiring a page or remapping a row of its memory failed
        69 A graphics engine class error
        74 L NVLink error
        79 L the GPU has fallen off the bus
        80 H data sent to the GPU arrived damaged
        92 H single-bit ECC errors come at a high rate
        94 A contained memory error: only the program that used it was ended
        95 H memory error that was not contained: all programs on the GPU are hit
        109 D a context switch timed out
        119 D the GPU's system processor (GSP) did not answer a call in time
        120 D the GPU's system processor (GSP) failed
        121 L corrected errors of the chip-to-chip link (C2C)
        137 L an NVLink fault was reported by the other side
        140 H ECC error that was not recovered
        144 L NVLink error in the SAW block
        145 L NVLink error in the RLW block
        146 L NVLink error in the TLW block
        147 L NVLink error in the TREX block
        148 L NVLink error in the NVLPW block
        149 L NVLink error in the NETIR block
        150 L NVLink error in the MSE block
        154 I what the GPU asks for to recover has changed
        171 I additional information on a memory error
        172 I additional information on a memory error
        """);

    /// <summary>What the number means and whom it blames; the number alone where it is not known.</summary>
    public static (string Words, XidBlame Blame) Of(string number)
    {
        if (!uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) ||
            Words.GetValueOrDefault(id) is not { Length: > 2 } row)
            return ("a number without a known meaning here", XidBlame.Unknown);
        return (row[2..], row[0] switch
        {
            'A' => XidBlame.Application,
            'D' => XidBlame.Driver,
            'H' => XidBlame.Hardware,
            'L' => XidBlame.Link,
            _ => XidBlame.Information,
        });
    }

    private static Dictionary<uint, string> Read(string table) =>
        table.Split('\n').Select(line => line.Split(' ', 2)).ToDictionary(p => uint.Parse(p[0], CultureInfo.InvariantCulture), p => p[1]);
}
