namespace Kdump.Diagnosis.Memory;

/// <summary>Bytes: at least, likely, at most.</summary>
public readonly record struct MemoryRange(long Low, long Likely, long High)
{
    public static MemoryRange None => default;

    public static MemoryRange Exactly(long bytes) => new(bytes, bytes, bytes);

    /// <summary>In megabytes (2^20).</summary>
    public static MemoryRange Megabytes(double low, double likely, double high) =>
        new((long)(low * (1 << 20)), (long)(likely * (1 << 20)), (long)(high * (1 << 20)));

    public static MemoryRange operator +(MemoryRange a, MemoryRange b) => new(a.Low + b.Low, a.Likely + b.Likely, a.High + b.High);

    public static MemoryRange operator *(MemoryRange a, int n) => new(a.Low * n, a.Likely * n, a.High * n);

    public static MemoryRange Max(MemoryRange a, MemoryRange b) =>
        new(Math.Max(a.Low, b.Low), Math.Max(a.Likely, b.Likely), Math.Max(a.High, b.High));
}
