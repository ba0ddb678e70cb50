namespace Kdump.Diagnosis.Model;

/// <summary>
/// Everything that the inputs of one case say, by type and in reading order. Bounded: past <see cref="MaxPerType"/> facts of one type
/// only the count increases, so that a log of a million equal lines takes no more memory than one of a thousand.
/// </summary>
public sealed class Facts
{
    public const int MaxPerType = 4096;

    private readonly Dictionary<Type, List<Fact>> byType = [];
    private readonly Dictionary<Type, long> dropped = [];

    /// <summary>Cache of the lists returned, because rules request the same ones repeatedly.</summary>
    private readonly Dictionary<Type, object> views = [];

    /// <summary>Results derived from all facts of a type, each with what it was derived from.</summary>
    private readonly Dictionary<Type, (object From, object Result)> derived = [];

    private readonly List<Boot> boots = [];

    /// <summary>The boot that the lines being read belong to.</summary>
    public Boot? Boot
    {
        get;
        set
        {
            field = value;
            if (value is not null && boots.Count < MaxPerType && (boots.Count == 0 || boots[^1] != value))
                boots.Add(value);
        }
    }

    /// <summary>The boots in reading order; a boot to which an input returned is listed twice.</summary>
    public IReadOnlyList<Boot> Boots => boots;

    public void Add(Fact fact)
    {
        fact.Boot ??= Boot;
        Type type = fact.GetType();
        if (!byType.TryGetValue(type, out List<Fact>? list))
            byType[type] = list = [];
        if (list.Count < MaxPerType)
            list.Add(fact);
        else
            dropped[type] = dropped.GetValueOrDefault(type) + 1;
    }

    public void AddRange(IEnumerable<Fact> facts)
    {
        foreach (Fact fact in facts)
            Add(fact);
    }

    /// <summary>Replaces a fact by one of the same type that has more details.</summary>
    public void Replace<T>(T old, T better) where T : Fact
    {
        if (!byType.TryGetValue(typeof(T), out List<Fact>? list) || list.FindIndex(f => ReferenceEquals(f, old)) is not (>= 0 and var at))
            return;
        list[at] = better;
        views.Remove(typeof(T));
    }

    /// <summary>Takes away the facts of this type that an input gave before it was known to be no evidence.</summary>
    public void Remove<T>(Predicate<T> unfit) where T : Fact
    {
        if (byType.TryGetValue(typeof(T), out List<Fact>? list) && list.RemoveAll(f => unfit((T)f)) > 0)
            views.Remove(typeof(T));
        if (list is { Count: 0 })
            byType.Remove(typeof(T));
    }

    /// <summary>Adds everything of another set, and the counts of what that one had to drop.</summary>
    public void Merge(Facts other)
    {
        foreach (Boot boot in other.boots)
            Boot = boot;
        foreach (List<Fact> list in other.byType.Values)
            AddRange(list);
        foreach ((Type type, long count) in other.dropped)
            dropped[type] = dropped.GetValueOrDefault(type) + count;
    }

    /// <summary>The same facts with other sources.</summary>
    public Facts With(Func<Source, Source> source)
    {
        var made = new Facts();
        foreach (Boot boot in boots)
            made.Boot = boot;
        foreach ((Type type, List<Fact> list) in byType)
            made.byType[type] = list.ConvertAll(f => f with { Source = source(f.Source) });
        foreach ((Type type, long count) in dropped)
            made.dropped[type] = count;
        return made;
    }

    /// <summary>The facts of exactly this type, in reading order.</summary>
    public IReadOnlyList<T> Of<T>() where T : Fact
    {
        if (!byType.TryGetValue(typeof(T), out List<Fact>? list))
            return [];
        if (views.TryGetValue(typeof(T), out object? view) && view is List<T> known && known.Count == list.Count)
            return known;
        List<T> all = list.ConvertAll(f => (T)f);
        views[typeof(T)] = all;
        return all;
    }

    /// <summary>
    /// What several rules derive from the facts of one type, made once as long as no such fact is added: it may take as long as
    /// reading the log.
    /// </summary>
    public TResult Derived<T, TResult>(Func<IReadOnlyList<T>, TResult> derive) where T : Fact where TResult : class
    {
        IReadOnlyList<T> from = Of<T>();
        if (derived.TryGetValue(typeof(TResult), out (object From, object Result) known) && ReferenceEquals(known.From, from))
            return (TResult)known.Result;
        TResult result = derive(from);
        derived[typeof(TResult)] = (from, result);
        return result;
    }

    public bool Any<T>() where T : Fact => byType.ContainsKey(typeof(T));

    /// <summary>How many facts of this type were seen beyond those kept.</summary>
    public long Dropped<T>() where T : Fact => dropped.GetValueOrDefault(typeof(T));

    public IEnumerable<Fact> All => byType.Values.SelectMany(f => f);
}
