using System.Collections;
using Kdump.Formats.Bytes;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// A sequence of objects: the entries of a list or the elements of an array. They are read when the sequence is enumerated; afterwards
/// <see cref="Damages"/> contains the errors that ended the walk or skipped entries.
/// </summary>
public sealed class ObjectSequence(IEnumerable<KernelObject> items, List<Damage> damages) : Result, IEnumerable<KernelObject>
{
    public IReadOnlyList<Damage> Damages => damages;

    internal List<Damage> Notes => damages;

    public IEnumerator<KernelObject> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
