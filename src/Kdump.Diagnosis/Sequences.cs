namespace Kdump.Diagnosis;

/// <summary>
/// The few sequence operators this library uses, each a plain loop that gives a list. They stand nearer than System.Linq, whose lazy
/// generic iterators would cost the static probe 1.3 MB; what is missing here still comes from there, so size is checked after publish.
/// </summary>
internal static class Sequences
{
    public static List<T> Where<T>(this IEnumerable<T> source, Func<T, bool> keep)
    {
        var list = new List<T>();
        foreach (T item in source)
        {
            if (keep(item))
                list.Add(item);
        }
        return list;
    }

    public static List<TResult> Select<T, TResult>(this IEnumerable<T> source, Func<T, TResult> map)
    {
        var list = new List<TResult>();
        foreach (T item in source)
            list.Add(map(item));
        return list;
    }

    public static List<TResult> SelectMany<T, TResult>(this IEnumerable<T> source, Func<T, IEnumerable<TResult>> map)
    {
        var list = new List<TResult>();
        foreach (T item in source)
            list.AddRange(map(item));
        return list;
    }

    public static List<T> ToList<T>(this IEnumerable<T> source) => new(source);

    public static T[] ToArray<T>(this IEnumerable<T> source) => new List<T>(source).ToArray();

    public static List<T> Concat<T>(this IEnumerable<T> first, IEnumerable<T> second)
    {
        var list = new List<T>(first);
        list.AddRange(second);
        return list;
    }

    public static List<T> Take<T>(this IEnumerable<T> source, int count)
    {
        var list = new List<T>();
        foreach (T item in source)
        {
            if (list.Count >= count)
                break;
            list.Add(item);
        }
        return list;
    }

    public static List<T> Distinct<T>(this IEnumerable<T> source, IEqualityComparer<T>? comparer = null)
    {
        var seen = new HashSet<T>(comparer);
        var list = new List<T>();
        foreach (T item in source)
        {
            if (seen.Add(item))
                list.Add(item);
        }
        return list;
    }

    public static List<T> DistinctBy<T>(this IEnumerable<T> source, Func<T, string> key)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var list = new List<T>();
        foreach (T item in source)
        {
            if (seen.Add(key(item)))
                list.Add(item);
        }
        return list;
    }

    public static bool Any<T>(this IEnumerable<T> source, Func<T, bool> test)
    {
        foreach (T item in source)
        {
            if (test(item))
                return true;
        }
        return false;
    }

    public static bool All<T>(this IEnumerable<T> source, Func<T, bool> test) => !source.Any(item => !test(item));

    public static int Count<T>(this IEnumerable<T> source, Func<T, bool> test)
    {
        int count = 0;
        foreach (T item in source)
            count += test(item) ? 1 : 0;
        return count;
    }

    public static int Count<T>(this IEnumerable<T> source)
    {
        int count = 0;
        foreach (T _ in source)
            count++;
        return count;
    }

    public static int Sum<T>(this IEnumerable<T> source, Func<T, int> value)
    {
        int sum = 0;
        foreach (T item in source)
            sum += value(item);
        return sum;
    }

    public static T First<T>(this IEnumerable<T> source)
    {
        foreach (T item in source)
            return item;
        throw new InvalidOperationException("an empty sequence has no first element");
    }

    public static T First<T>(this IEnumerable<T> source, Func<T, bool> test) => source.Where(test).First();

    public static T? FirstOrDefault<T>(this IEnumerable<T> source)
    {
        foreach (T item in source)
            return item;
        return default;
    }

    /// <summary>The sources that are there.</summary>
    public static List<Source> Known(this IEnumerable<Source?> sources)
    {
        var list = new List<Source>();
        foreach (Source? source in sources)
        {
            if (source is not null)
                list.Add(source);
        }
        return list;
    }

    public static bool Contains(this IReadOnlyList<string> list, string text)
    {
        foreach (string item in list)
        {
            if (item == text)
                return true;
        }
        return false;
    }

    public static T? FirstOrDefault<T>(this IEnumerable<T> source, Func<T, bool> test)
    {
        foreach (T item in source)
        {
            if (test(item))
                return item;
        }
        return default;
    }

    public static T? LastOrDefault<T>(this IEnumerable<T> source, Func<T, bool> test)
    {
        T? last = default;
        foreach (T item in source)
        {
            if (test(item))
                last = item;
        }
        return last;
    }

    public static int Min(this IEnumerable<int> source)
    {
        int? min = null;
        foreach (int item in source)
            min = min is null || item < min ? item : min;
        return min ?? throw new InvalidOperationException("an empty sequence has no least element");
    }

    public static int Max<T>(this IEnumerable<T> source, Func<T, int> value) => -source.Select(item => -value(item)).Min();

    public static T? MinBy<T>(this IEnumerable<T> source, Func<T, int> value) => source.MaxBy(item => -value(item));

    public static T? MaxBy<T>(this IEnumerable<T> source, Func<T, int> value)
    {
        T? best = default;
        int most = 0;
        bool any = false;
        foreach (T item in source)
        {
            int n = value(item);
            if (any && n <= most)
                continue;
            (best, most, any) = (item, n, true);
        }
        return best;
    }

    public static IEnumerable<T> DefaultIfEmpty<T>(this IEnumerable<T> source, T instead)
    {
        List<T> list = source.ToList();
        if (list.Count == 0)
            list.Add(instead);
        return list;
    }

    public static List<Group<T>> GroupBy<T>(this IEnumerable<T> source, Func<T, string> key, StringComparer? comparer = null)
    {
        var byKey = new Dictionary<string, Group<T>>(comparer ?? StringComparer.Ordinal);
        var groups = new List<Group<T>>();
        foreach (T item in source)
        {
            string k = key(item);
            if (!byKey.TryGetValue(k, out Group<T>? group))
            {
                byKey[k] = group = new(k);
                groups.Add(group);
            }
            group.Add(item);
        }
        return groups;
    }

    public static Dictionary<string, TValue> ToDictionary<T, TValue>(this IEnumerable<T> source, Func<T, string> key, Func<T, TValue> value, StringComparer comparer)
    {
        var dictionary = new Dictionary<string, TValue>(comparer);
        foreach (T item in source)
            dictionary.Add(key(item), value(item));
        return dictionary;
    }

    public static Ordered<string> Order(this IEnumerable<string> source, StringComparer comparer) => new(source, comparer.Compare);

    public static Ordered<T> OrderBy<T>(this IEnumerable<T> source, Func<T, string> key, StringComparer comparer) =>
        new(source, (a, b) => comparer.Compare(key(a), key(b)));

    public static Ordered<T> OrderBy<T>(this IEnumerable<T> source, Func<T, int> key) => new(source, (a, b) => key(a).CompareTo(key(b)));

    public static Ordered<T> OrderByDescending<T>(this IEnumerable<T> source, Func<T, int> key) => new(source, (a, b) => key(b).CompareTo(key(a)));

    public static Ordered<T> OrderByDescending<T>(this IEnumerable<T> source, Func<T, bool> key) => new(source, (a, b) => key(b).CompareTo(key(a)));

    /// <summary>Items that share a key, in the order they came.</summary>
    public sealed class Group<T>(string key) : List<T>
    {
        public string Key { get; } = key;
    }

    /// <summary>A stable sort, done when it is asked for; keys may be added until then.</summary>
    public sealed class Ordered<T>(IEnumerable<T> source, Comparison<T> compare) : IEnumerable<T>
    {
        public Ordered<T> ThenBy(Func<T, string> key, StringComparer comparer) => Then((a, b) => comparer.Compare(key(a), key(b)));

        public Ordered<T> ThenByDescending(Func<T, int> key) => Then((a, b) => key(b).CompareTo(key(a)));

        public Ordered<T> ThenByDescending(Func<T, bool> key) => Then((a, b) => key(b).CompareTo(key(a)));

        public Ordered<T> ThenByDescending(Func<T, double> key) => Then((a, b) => key(b).CompareTo(key(a)));

        public IEnumerator<T> GetEnumerator()
        {
            T[] sorted = source.ToArray();
            Merge(sorted, new T[sorted.Length], 0, sorted.Length);
            return ((IEnumerable<T>)sorted).GetEnumerator();
        }

        /// <summary>Merge sort: stable, and no input makes it slow.</summary>
        private void Merge(T[] items, T[] spare, int from, int to)
        {
            if (to - from < 2)
                return;
            int middle = from + ((to - from) / 2), a = from, b = middle;
            Merge(items, spare, from, middle);
            Merge(items, spare, middle, to);
            for (int i = from; i < to; i++)
                spare[i] = b == to || (a < middle && compare(items[a], items[b]) <= 0) ? items[a++] : items[b++];
            Array.Copy(spare, from, items, from, to - from);
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        private Ordered<T> Then(Comparison<T> next) => new(source, (a, b) => compare(a, b) is var n && n != 0 ? n : next(a, b));
    }
}
