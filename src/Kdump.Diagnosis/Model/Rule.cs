namespace Kdump.Diagnosis.Model;

/// <summary>
/// Judges facts: a pure function. A rule is named after the fault; all texts for users about it are in its file.
/// It yields nothing when there is nothing to say, and an <see cref="Unknown"/> only when something hints at it but cannot be judged.
/// </summary>
public abstract class Rule
{
    /// <summary>The id of the findings it makes.</summary>
    public abstract string Id { get; }

    /// <summary>
    /// What the catalogue says of it: title, cause, fixes, once for all machines. Null where another rule makes findings of the same id and
    /// has the entry, or where the entry is a failure's. Never used by the probe, which therefore does not contain these texts.
    /// </summary>
    public virtual Entry? Entry => null;

    public abstract IEnumerable<Opinion> Judge(Facts facts);

    /// <summary>Judges what the other rules did not cover: called after them, with their results.</summary>
    public virtual IEnumerable<Opinion> JudgeRest(Facts facts, IReadOnlyList<Opinion> said) => [];

    /// <summary>Corrects the fixes of any finding by what the facts tell of the machine: last of all, and never the judgement.</summary>
    public virtual IReadOnlyList<Fix> Revise(IReadOnlyList<Fix> fixes, Facts facts) => fixes;

    /// <summary>Adds to any finding what the facts tell of its moment: last of all, and never another judgement.</summary>
    public virtual Finding Revise(Finding finding, Facts facts) => finding;
}
