namespace Kdump.Diagnosis.Text;

/// <summary>The last lines of an input, kept without making strings of them, because nearly none of them is asked for.</summary>
/// <param name="most">How many lines are kept.</param>
public sealed class LineRing(int most)
{
    private readonly Slot[] slots = new Slot[most];
    private int next;

    private struct Slot
    {
        public string Input;
        public long Number;
        public char[]? Text;
        public int Length;

        /// <summary>Null where the line has no other form than its text.</summary>
        public string? Raw;
        public bool Backwards;
    }

    public int Count { get; private set; }

    /// <param name="index">0 is the oldest line that is kept.</param>
    public TextLine this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            ref readonly Slot slot = ref slots[(next - Count + index + most) % most];
            ReadOnlySpan<char> text = slot.Text.AsSpan(0, slot.Length);
            return new TextLine(slot.Input, slot.Number, text, slot.Raw ?? text) { Backwards = slot.Backwards };
        }
    }

    public void Add(in TextLine line)
    {
        ref Slot slot = ref slots[next];
        if (slot.Text is null || slot.Text.Length < line.Text.Length)
            slot.Text = new char[Math.Max(256, line.Text.Length)];
        line.Text.CopyTo(slot.Text);
        (slot.Input, slot.Number, slot.Length, slot.Backwards) = (line.Input, line.Number, line.Text.Length, line.Backwards);
        slot.Raw = line.Raw == line.Text ? null : line.Raw.ToString();
        next = (next + 1) % most;
        Count = Math.Min(Count + 1, most);
    }

    public void Clear() => Count = 0;
}
