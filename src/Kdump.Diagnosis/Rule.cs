namespace Kdump.Diagnosis;

/// <summary>
/// Judges facts: a pure function. A rule is named for what is wrong; the words a user reads about it stand in it and nowhere else.
/// It yields nothing when there is nothing to say, and an <see cref="Unknown"/> only when something hints at it but cannot be judged.
/// </summary>
public abstract class Rule
{
    /// <summary>The id of the findings it makes.</summary>
    public abstract string Id { get; }

    public abstract IEnumerable<Opinion> Judge(Facts facts);
}
