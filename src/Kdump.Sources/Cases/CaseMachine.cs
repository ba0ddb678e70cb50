using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Diagnosis.Rules.Hosts;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Sources.Hosts;
using Kdump.Sources.Trees;

namespace Kdump.Sources.Cases;

/// <summary>The inputs of one machine and their facts. Nothing of one machine may explain what happened to another.</summary>
/// <param name="Host">Its host name, if an input has it.</param>
/// <param name="Release">The kernel release at the start of one of its logs, if any.</param>
/// <param name="Doubt">Why an input was assigned to this machine without proof, or to none; null if nothing is in doubt.</param>
public sealed record CaseMachine(string? Host, string? Release, IReadOnlyList<CaseInput> Inputs, Facts Facts, string? Doubt = null)
{
    /// <summary>Its files if it was given as a collection, for the rules of <c>kdt host check</c>.</summary>
    public MachineTree? Tree { get; init; }

    /// <summary>Its host name with the domain, if an input has it.</summary>
    public string? FullHost { get; init; }

    /// <summary>
    /// An input that is judged with the others although it is in another place and nothing in it names its machine; null: none.
    /// </summary>
    public string? Unproven { get; init; }

    /// <summary>Judges its inputs, and for a collected machine also applies <c>kdt host check</c>.</summary>
    public Verdict Judge()
    {
        var verdict = Verdict.From(Facts, RuleBook.All);
        string? doubt;
        if (Joined(verdict) is { } two)
        {
            doubt = $"whether {two.Cause} and {two.Effect} are from one machine, as the chain above takes for granted: " +
                "nothing in them names the same machine";
            string taken = $" (if {Short(two.Cause)} and {Short(two.Effect)} are from one machine)";
            verdict = verdict with { Headline = verdict.Headline + taken };
        }
        else if (Facts.Of<UnplacedLog>() is [var log, ..] unplaced && verdict.Findings.Count > 0)
        {
            doubt = $"whether {log.Source.Input} and {Counted.Of(unplaced.Count - 1, "other log")} are from one machine: " +
                "nothing in them names one, so none was taken as the cause of another";
        }
        else if (Unproven is not null && verdict.Findings.Count > 0)
            doubt = $"whether {Unproven} is from the machine of the other inputs: nothing in it names its machine";
        else
            doubt = null;
        if (doubt is not null)
            verdict = verdict with { Unknowns = [.. verdict.Unknowns, new Unknown(doubt,
                "lines with its host name, model or root file system; or kdt explain for each of them alone")] };
        if (Tree is null)
            return verdict;
        Facts host = HostCollector.Collect(Tree, null, TextWriter.Null);
        return verdict.With(Verdict.From(host, HostRuleBook.All).For(DumpTools.Of(host)));
    }

    /// <summary>For each input the path, given by the user, that it is a part of: files of one folder belong together.</summary>
    private Dictionary<string, string> Given { get; init; } = [];

    /// <summary>
    /// Two inputs that were given one by one, of which the chain takes one as the cause of the other although nothing proves that they
    /// are from one machine; null: none.
    /// </summary>
    private (string Cause, string Effect)? Joined(Verdict verdict)
    {
        if (Tree is not null)
            return null;
        foreach ((Finding cause, Finding effect) in verdict.Chain.Zip(verdict.Chain.Skip(1)))
        {
            string[] before = Givens(cause), seen = Givens(effect);
            if (before.Length > 0 && seen.Length > 0 && !Array.Exists(before, a => Array.Exists(seen, b => a == b || Proven(a, b))))
                return (cause.Evidence[0].Input, effect.Evidence[0].Input);
        }
        return null;
    }

    private string[] Givens(Finding finding) =>
        [.. finding.Evidence.Select(e => Given.GetValueOrDefault(e.Input)).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>True if two given paths name the same host or root file system; machines of one kind share the model.</summary>
    private bool Proven(string one, string other)
    {
        return Share(In(one), In(other));

        IEnumerable<MachineIdentity> In(string given) =>
            Facts.Of<MachineIdentity>().Where(i => Given.GetValueOrDefault(i.Source.Input) == given);
    }

    /// <summary>The last two parts of a path: logs of several machines often have one name.</summary>
    private static string Short(string path) => string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries).TakeLast(2));

    /// <summary>The name of the machine in lists.</summary>
    public string Name => FullHost ?? Host ?? (Inputs.FirstOrDefault(i => i.Used) ?? Inputs.FirstOrDefault())?.Path ?? "";

    /// <summary>
    /// Groups the units into machines. Two files are from different machines if both have host names and share none (a host in two
    /// domains is two), otherwise if both have models and share none, otherwise if both have root file systems and share none. A file
    /// without such data belongs to the machine of the other files in its folder, if these are all from one machine, or to the only
    /// machine there is.
    /// </summary>
    internal static IReadOnlyList<CaseMachine> Of(IReadOnlyList<CaseUnit> units)
    {
        var known = new List<List<CaseUnit>>();
        var mute = new List<CaseUnit>();
        // Names with a domain first: a short name then joins the machine that it fits, if there is only one.
        foreach (CaseUnit unit in units.OrderBy(u => !u.TellsDomain))
        {
            if (unit.Identities.Count > 0 && Shared(known, unit) is { } same)
                same.Add(unit);
            else if (!unit.Tells)
                mute.Add(unit);
            else if (known.FindAll(m => m.TrueForAll(u => !Apart(u, unit))) is [var only] && known.Count == 1)
                only.Add(unit);
            else
                known.Add([unit]);
        }
        if (known.Count <= 1)
            return [Machine([.. units], null) with { Unproven = Elsewhere(known, mute)?.Inputs[0].Path }];
        var strays = new List<CaseUnit>();
        foreach (CaseUnit unit in mute)
        {
            if (Shared(known, unit) is { } same)
                same.Add(unit);
            else if (known.FindAll(m => m.Exists(u => u.Place == unit.Place)) is [var neighbour])
                neighbour.Add(unit);
            else if (unit.Inputs.Any(i => i.Used))
                strays.Add(unit);
            else
                known[0].Add(unit);
        }
        List<CaseMachine> machines = [.. known.Select(m => Machine(m, null))];
        machines.AddRange(strays.Select(
            u => Machine([u], "no line shows which of these machines it is from, so it is judged separately")));
        return machines;
    }

    private static CaseMachine Machine(List<CaseUnit> units, string? doubt)
    {
        Facts facts = units.Count == 1 ? units[0].Facts : new Facts();
        if (units.Count > 1)
            units.ForEach(u => facts.Merge(u.Facts));
        foreach (CaseInput log in Unplaced(units))
            facts.Add(new UnplacedLog(new Source(log.Path, "")));
        IReadOnlyList<MachineIdentity> identities = facts.Of<MachineIdentity>();
        return new(identities.FirstOrDefault(i => i.Kind == IdentityKind.Host)?.Value,
            facts.All.FirstOrDefault(f => f.Boot?.Release is not null)?.Boot!.Release, [.. units.SelectMany(u => u.Inputs)], facts, doubt)
        {
            Tree = units.Find(u => u.Tree is not null)?.Tree,
            Given = units.SelectMany(u => u.Inputs.Select(i => (i.Path, u.Given))).DistinctBy(i => i.Path).ToDictionary(i => i.Path,
                i => i.Given, StringComparer.Ordinal),
            FullHost = identities.FirstOrDefault(i => i.Full is not null)?.Full,
        };
    }

    /// <summary>
    /// Kernel logs that were given among several others, and that nothing proves to be from the machine of another one. Of two logs one
    /// may be the crash kernel's; of more, each is a story of its own.
    /// </summary>
    private static IEnumerable<CaseInput> Unplaced(List<CaseUnit> units)
    {
        const int several = 3;
        IGrouping<string, CaseUnit>[] stories = [.. units.Where(u => u.Tree is null).GroupBy(u => u.Given, StringComparer.Ordinal)
            .Where(g => g.Any(u => u.Inputs.Any(i => i is { Used: true, Kernel: > 0 })))];
        if (stories.Length < several)
            return [];
        return stories.Where(g => !stories.Any(o => o.Key != g.Key && g.Any(a => o.Any(b => Shares(a, b)))))
            .SelectMany(g => g.SelectMany(u => u.Inputs.Where(i => i is { Used: true, Kernel: > 0 })));
    }

    private static CaseUnit? Elsewhere(List<List<CaseUnit>> known, List<CaseUnit> mute) => known is not [var only] ? null
        : mute.Find(u => u.Inputs.Any(i => i.Used && i.Path != "-") && !only.Exists(k => k.Place == u.Place || k.Inputs.All(
            i => i.Path == "-")));

    /// <summary>
    /// The machine that shares an identity with a unit. A short name that fits hosts of two domains identifies neither.
    /// </summary>
    private static List<CaseUnit>? Shared(List<List<CaseUnit>> known, CaseUnit unit)
    {
        List<List<CaseUnit>> found = known.FindAll(m => m.TrueForAll(u => !Apart(u, unit)) && m.Exists(u => Shares(u, unit)));
        return found.Count < 2 || unit.Of(IdentityKind.Host) is not [var host, ..] ? found.FirstOrDefault()
            : found.Find(m => m.Exists(u => Array.Exists(u.Of(IdentityKind.Host), h => h.Value == host.Value && h.Full == host.Full)));
    }

    private static bool Shares(CaseUnit a, CaseUnit b) => Share(a.Identities, b.Identities);

    private static bool Share(IEnumerable<MachineIdentity> ours, IEnumerable<MachineIdentity> theirs) =>
        ours.Any(x => x.Kind != IdentityKind.Model && theirs.Any(x.Fits));

    private static bool Apart(CaseUnit a, CaseUnit b)
    {
        foreach (IdentityKind kind in Enum.GetValues<IdentityKind>())
        {
            MachineIdentity[] ours = a.Of(kind), theirs = b.Of(kind);
            if (ours.Length > 0 && theirs.Length > 0)
                return !Array.Exists(ours, x => Array.Exists(theirs, x.Fits));
        }
        return false;
    }
}

/// <summary>The facts of one file, or of one collection of a machine's files.</summary>
/// <param name="place">The folder it lies in.</param>
internal sealed class CaseUnit(string place)
{
    public string Place { get; } = place;

    /// <summary>The path that the user gave, of which it is a part.</summary>
    public string Given { get; init; } = "";

    public MachineTree? Tree { get; set; }

    public List<CaseInput> Inputs { get; } = [];

    public Facts Facts { get; } = new();

    public IReadOnlyList<MachineIdentity> Identities => Facts.Of<MachineIdentity>();

    /// <summary>
    /// True if it contains something that identifies its machine. A crash kernel may be given another root than its machine has.
    /// </summary>
    public bool Tells => Identities.Any(OfMachine);

    /// <summary>True if it names its host with the domain.</summary>
    public bool TellsDomain => Identities.Any(i => i.Full is not null);

    public MachineIdentity[] Of(IdentityKind kind) => [.. Identities.Where(i => i.Kind == kind && OfMachine(i))];

    public static bool OfMachine(MachineIdentity identity) => identity.Kind != IdentityKind.Root || identity.Boot?.Capture != true;
}
