namespace Kdump.Fuzz.Mutators;

/// <summary>Makes an input of others, in the way that fits the target.</summary>
internal sealed class Mutator
{
    private readonly Target target;
    private readonly Pieces? pieces;
    private readonly int[] places;

    public Mutator(Target target, IReadOnlyList<byte[]> seeds)
    {
        this.target = target;
        if (target.Form is Form.Lines or Form.Words)
            pieces = new Pieces(target.Form == Form.Lines, Pieces.Dictionary(seeds));
        places = target.Form == Form.Patches ? Patches.Places(target.Base) : [];
    }

    public byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        if (target.Form == Form.Patches)
            return Patches.Mutate(target.Base, input, other, places, random);
        return pieces is not null && random.Next(6) > 0 ? pieces.Mutate(input, other, target.MaxBytes, random)
            : Havoc.Mutate(input, other, target.MaxBytes, random);
    }
}
