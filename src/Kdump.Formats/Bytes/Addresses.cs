using System.Globalization;

namespace Kdump.Formats.Bytes;

/// <summary>An address in the crashed kernel's virtual address space.</summary>
public readonly record struct VirtualAddress(ulong Value) : IComparable<VirtualAddress>
{
    public int CompareTo(VirtualAddress other) => Value.CompareTo(other.Value);

    /// <summary>Adds an offset in bytes; wraps at 2^64, like the machine's own address arithmetic.</summary>
    public static VirtualAddress operator +(VirtualAddress a, long delta) => new(unchecked(a.Value + (ulong)delta));

    public static bool operator <(VirtualAddress a, VirtualAddress b) => a.Value < b.Value;

    public static bool operator >(VirtualAddress a, VirtualAddress b) => a.Value > b.Value;

    public static bool operator <=(VirtualAddress a, VirtualAddress b) => a.Value <= b.Value;

    public static bool operator >=(VirtualAddress a, VirtualAddress b) => a.Value >= b.Value;

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}

/// <summary>An address in the machine's physical address space.</summary>
public readonly record struct PhysicalAddress(ulong Value) : IComparable<PhysicalAddress>
{
    public int CompareTo(PhysicalAddress other) => Value.CompareTo(other.Value);

    public static PhysicalAddress operator +(PhysicalAddress a, long delta) => new(unchecked(a.Value + (ulong)delta));

    public static bool operator <(PhysicalAddress a, PhysicalAddress b) => a.Value < b.Value;

    public static bool operator >(PhysicalAddress a, PhysicalAddress b) => a.Value > b.Value;

    public static bool operator <=(PhysicalAddress a, PhysicalAddress b) => a.Value <= b.Value;

    public static bool operator >=(PhysicalAddress a, PhysicalAddress b) => a.Value >= b.Value;

    public override string ToString() => Value.ToString("x", CultureInfo.InvariantCulture);
}

/// <summary>A page frame number: a physical address in units of pages.</summary>
public readonly record struct Pfn(ulong Value) : IComparable<Pfn>
{
    public int CompareTo(Pfn other) => Value.CompareTo(other.Value);

    public static bool operator <(Pfn a, Pfn b) => a.Value < b.Value;

    public static bool operator >(Pfn a, Pfn b) => a.Value > b.Value;

    public static bool operator <=(Pfn a, Pfn b) => a.Value <= b.Value;

    public static bool operator >=(Pfn a, Pfn b) => a.Value >= b.Value;

    public override string ToString() => Value.ToString("x", CultureInfo.InvariantCulture);
}
