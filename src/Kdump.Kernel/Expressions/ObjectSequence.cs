using System.Collections;
using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// Objects one after the other: the entries of a list, elements of an array. They are walked when they are asked for; what broke off on
/// the way is in <see cref="Damages"/> afterwards.
/// </summary>
public sealed class ObjectSequence(IEnumerable<KernelObject> items, List<Damage> damages) : Result, IEnumerable<KernelObject>
{
    public IReadOnlyList<Damage> Damages => damages;

    internal List<Damage> Notes => damages;

    public IEnumerator<KernelObject> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
