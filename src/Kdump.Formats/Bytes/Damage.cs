namespace Kdump.Formats.Bytes;

/// <summary>A damaged record that a walk over records skipped.</summary>
/// <param name="Offset">Byte offset in the input, or -1.</param>
public readonly record struct Damage(string Input, string Field, long Offset, string Reason)
{
    public static Damage From(InputException e) => new(e.Input, e.Field, e.Offset, e.Reason) { Error = e };

    /// <summary>The exception that reading the record threw; null if the walk detected the damage itself.</summary>
    public InputException? Error { get; init; }

    public override string ToString() => Offset < 0 ? $"{Input}: {Field}: {Reason}" : $"{Input}: {Field} at 0x{Offset:x}: {Reason}";
}
