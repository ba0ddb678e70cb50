using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Catalogue.Families;

/// <summary>Lines of one kernel's life about one object, in one wording.</summary>
/// <param name="Source">The first of them.</param>
/// <param name="Index">Index of the wording in the family's table.</param>
/// <param name="Object">Empty where the machine has only one.</param>
/// <param name="Taken">What the wording took out of the first line.</param>
/// <param name="Count">How many lines.</param>
/// <param name="Last">Number of the last such line.</param>
public sealed record FamilySeen(
    Source Source, Family Family, int Index, string Object, IReadOnlyList<string> Taken, long Count, long Last) : Fact(Source)
{
    public Telling Telling => Family.Tellings[Index];
}

/// <summary>A line showed that a failure of the family was overcome.</summary>
public sealed record FamilyOvercome(Source Source, Family Family, string Object) : Fact(Source);

/// <summary>Looks for the tellings of all families in one pass; equal lines are counted, not kept.</summary>
public sealed class FamilyLines : BookParser
{
    /// <summary>
    /// Most objects and wordings kept for one kernel's life: a real machine has fewer, and a hostile log may lose the rest.
    /// </summary>
    private const int MaxKept = 1024;

    /// <summary>What a line may be, in the order in which it is tried: one telling of one family, or (-1) the family's excuse.</summary>
    private static readonly (int Family, int Index)[] Places =
        [.. FamilyBook.All.SelectMany((f, i) => Enumerable.Range(-1, f.Tellings.Count + 1).Select(t => (i, t)))];

    private static readonly (int Place, string Text)[] Book =
        [.. Places.SelectMany((p, n) => LiteralsOf(p.Family, p.Index).Select(l => (n, l))),
            .. HardwareReports.Heads.Select(h => (NoPlace, h))];

    /// <summary>Key: the family's place in the book, the telling, the object.</summary>
    private readonly Dictionary<(int Family, int Index, string About), Seen> seen = [];
    private readonly List<string> taken = [];
    private Boot? boot;

    /// <summary>The device whose report is being read, as the last command line or heading named it.</summary>
    private string reported = "";

    private sealed class Seen(Source first, string[] taken)
    {
        public Source First { get; } = first;

        public string[] Taken { get; } = taken;

        public long Count { get; set; }

        public long Last { get; set; }
    }

    public override string Kind => "kernel log";

    public override IReadOnlyList<(int Place, string Text)> Texts => Book;

    public override bool Line(in TextLine line, Facts facts)
    {
        if (line.Kernel.Message.StartsWith(ProbeMark.Prefix, StringComparison.Ordinal))
            return false;
        if (facts.Boot != boot)
        {
            End(facts);
            boot = facts.Boot;
        }
        if (!line.Kernel.Stamped && HardwareReports.DeviceOf(line.Text.Trim()) is { } device)
            reported = device;
        int told = -1;
        foreach (int place in Concerned)
        {
            // A line counts once, for the first telling that it fits.
            (int family, int index) = Places[place];
            if (family != told && (index < 0 ? Excuse(family, line, facts) : Read(family, index, line, facts)))
                told = family;
        }
        return told >= 0;
    }

    public override void End(Facts facts)
    {
        foreach (((int family, int index, string about), Seen s) in seen)
            facts.Add(new FamilySeen(s.First, FamilyBook.All[family], index, about, s.Taken, s.Count, s.Last) { Boot = boot });
        seen.Clear();
        boot = null;
        reported = "";
    }

    private bool Excuse(int place, in TextLine line, Facts facts)
    {
        Family family = FamilyBook.All[place];
        if (family.Unless?.Fits(line, taken) != true)
            return false;
        facts.Add(new FamilyOvercome(line.ToSource(), family, taken.Count == 0 ? "" : taken[0]));
        return true;
    }

    private bool Read(int place, int index, in TextLine line, Facts facts)
    {
        Family family = FamilyBook.All[place];
        Telling telling = family.Tellings[index];
        if (!telling.Sign.Fits(line, taken) || (telling.Holds is { } holds && !holds(taken)))
            return false;
        for (int t = 0; t < taken.Count; t++)
            taken[t] = taken[t].Trim().TrimEnd('.');
        string about = telling.Subject switch { 0 => family.OfReport ? reported : "", _ => taken[telling.Subject - 1] };
        if (family.OnBlockDevice && telling.Subject > 0)
            taken[telling.Subject - 1] = about = BlockName.WithoutJournal(about);
        else if (family.OnMountPoint && telling.Subject > 0)
            taken[telling.Subject - 1] = about = MountPoint(about, telling.Wording);
        if (!seen.TryGetValue((place, index, about), out Seen? s))
        {
            if (seen.Count == MaxKept)
                return true;
            seen[(place, index, about)] = s = new Seen(line.ToSource(), [.. taken]);
        }
        s.Count++;
        s.Last = line.Number;
        return true;
    }

    /// <summary>Descriptions of systemd's own units of mounts (units/*.mount), which else name no place.</summary>
    private static readonly Dictionary<string, string> Described = new(StringComparer.Ordinal)
    {
        ["Kernel Configuration File System"] = "/sys/kernel/config", ["Configuration File System"] = "/sys/kernel/config",
        ["Kernel Debug File System"] = "/sys/kernel/debug", ["Debug File System"] = "/sys/kernel/debug",
        ["Kernel Trace File System"] = "/sys/kernel/tracing", ["POSIX Message Queue File System"] = "/dev/mqueue",
        ["Huge Pages File System"] = "/dev/hugepages", ["FUSE Control File System"] = "/sys/fs/fuse/connections",
        ["Temporary Directory (/tmp)"] = "/tmp", ["Temporary Directory /tmp"] = "/tmp", ["Temporary Directory"] = "/tmp",
    };

    /// <summary>
    /// <c>srv-data.mount</c> is <c>/srv/data</c> (systemd.unit(5), string escaping); a description is returned unchanged.
    /// </summary>
    private static string MountPoint(string name, string wording)
    {
        // systemd 248 and later: the unit, then its description, which is usually the path.
        if (name.IndexOf(".mount - ", StringComparison.Ordinal) is > 0 and var dash)
        {
            string described = name[(dash + ".mount - ".Length)..];
            return described.StartsWith('/') ? described : "/" + name[..dash].Replace('-', '/');
        }
        if (name.StartsWith('/') || name.Contains(' ', StringComparison.Ordinal))
            return Described.GetValueOrDefault(name, name);
        if (wording.Contains("/{", StringComparison.Ordinal))
            return "/" + name;
        if (!wording.Contains(".mount", StringComparison.Ordinal))
            return name;
        return name == "-" ? "/" : "/" + name.Replace('-', '/');
    }

    private static IReadOnlyList<string> LiteralsOf(int family, int index) =>
        index < 0 ? FamilyBook.All[family].Unless?.Literals ?? [] : FamilyBook.All[family].Tellings[index].Sign.Literals;
}
