using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Crashes;

/// <summary>What a line shows of who wrote it: lines of one report agree in it.</summary>
/// <param name="Caller">See <see cref="KernelLine.Caller"/>.</param>
internal readonly record struct Writer(int Caller, bool Stamped, bool Timed)
{
    public static Writer Of(in KernelLine line) => new(line.Caller, line.Stamped, line.Time is not null);
}
