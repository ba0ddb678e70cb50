using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.MachineChecks;
using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.Hardware;

/// <summary>A place of memory and what it did.</summary>
/// <param name="Place">EDAC's label, or what else names it.</param>
/// <param name="Named">It is the name of one DIMM (or of one chip select of one channel), not only a description.</param>
public sealed record DimmEntry(string Place, bool Named)
{
    public MemoryTally Tally { get; } = new();

    /// <summary>EDAC's lines about it.</summary>
    public List<EdacError> Errors { get; } = [];

    /// <summary>Machine checks that are the same errors.</summary>
    public List<MceGroup> Records { get; } = [];

    /// <summary>More than one error, or one that was lost.</summary>
    public bool Repeats => Tally.Uncorrected > 0 || Tally.Corrected > 1 || Records.Any(g => g.First.Record.Overflow);

    /// <summary><c>channel 1 DIMM 0</c> out of <c>channel:1 slot:0</c>; null where the lines do not tell.</summary>
    public string? Position
    {
        get
        {
            if (Errors.Count == 0 || Errors[0]["channel"] is not { } channel)
                return null;
            if (Errors[0]["slot"] is { } slot)
                return $"channel {channel} DIMM {slot}";
            if (Errors[0]["csrow"] is { } row)
                return $"channel {channel}, chip select row {row}";
            return $"channel {channel}";
        }
    }

    private string Witness => Errors.Count == 0 ? "EDAC" : Errors[0].By;

    /// <summary>A sentence that tells who names the place, and how.</summary>
    public string Sentence
    {
        get
        {
            if (Named)
                return $"{Witness} names the place: {Place}{(Position is { } p ? $", {p}" : "")}{(Repeats ? ": the failing DIMM" : "")}.";
            if (Place.Length > 0)
                return $"{Witness} has no label for the place: {Place}.";
            return $"{Witness} knows neither the DIMM nor the address, so which DIMM it is, is unknown.";
        }
    }
}

/// <summary>
/// Every place of memory that made errors, the worst first. EDAC's lines and machine checks are joined by what identifies them: the
/// physical address; on Zen, where a record holds another kind of address, the controller's channel and chip select; else the
/// number of the controller whose driver printed both, one behind the other. Records without any of these belong to no place.
/// </summary>
public sealed class DimmLedger
{
    /// <summary>The most lines between a record and the line of EDAC that belongs to it, when only their order joins them.</summary>
    private const int Beside = 8;

    private readonly Dictionary<string, DimmEntry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, List<EdacError>> byPage = [];
    private readonly Dictionary<EdacError, DimmEntry> entryOf = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(string Input, long Line), EdacError> byLine = [];
    private readonly Dictionary<(string Input, string Select), HashSet<DimmEntry>> bySelect = [];
    private readonly Dictionary<string, List<EdacError>> byInput = new(StringComparer.Ordinal);
    private readonly Dictionary<MceGroup, DimmEntry> ofGroup = [];

    /// <summary>The worst first.</summary>
    public IReadOnlyList<DimmEntry> Entries { get; }

    public static DimmLedger From(Facts facts, IReadOnlyList<MceGroup> groups) => new(facts, groups);

    private DimmLedger(Facts facts, IReadOnlyList<MceGroup> groups)
    {
        IReadOnlyList<EdacError> errors = facts.Of<EdacError>();
        if (LargePages(errors, facts))
            errors = [.. errors.Select(e => e with { PageBits = 16 })];
        foreach (EdacError error in errors)
        {
            if (error.Page is > 0 and var page)
            {
                if (!byPage.TryGetValue(page, out List<EdacError>? same))
                    byPage[page] = same = [];
                same.Add(error);
            }
            byLine.TryAdd((error.Source.Input, error.Source.Line), error);
            if (!byInput.TryGetValue(error.Source.Input, out List<EdacError>? read))
                byInput[error.Source.Input] = read = [];
            read.Add(error);
            if (!error.Total)
                Take(error);
        }
        // The totals of a tool include what lines of the log counted already.
        foreach (EdacError total in errors.Where(e => e.Total && !(entries.TryGetValue(e.Label, out DimmEntry? known) &&
            known.Errors.Exists(x => !x.Total))))
            Take(total);
        foreach (MceGroup group in groups)
        {
            if (Join(group) is not { } entry)
                continue;
            entry.Records.Add(group);
            ofGroup[group] = entry;
        }
        Entries = [.. entries.Values.OrderByDescending(e => e.Tally.Uncorrected).ThenByDescending(e => e.Tally.Corrected)
            .ThenBy(e => e.Place, StringComparer.Ordinal)];
    }

    /// <summary>Firmware's own report of the same error has the whole address: it shows how large EDAC's pages are.</summary>
    private static bool LargePages(IReadOnlyList<EdacError> errors, Facts facts)
    {
        ulong[] reported = [.. facts.Of<CperError>().Select(CperPlace.Address).OfType<ulong>().Distinct().Take(64)];
        return Array.Exists(reported, a => errors.Any(e => e.IsAt(a) && e.Address != a));
    }

    private void Take(EdacError error)
    {
        string place;
        if (error.Named)
            place = error.Label;
        else if (error["node"] is { } node && error["card"] is { } card)
            place = $"node {node} card {card}{(error["module"] is { } module ? $" module {module}" : "")}";
        else
            place = error.Address is { } at ? $"physical address 0x{at:x}" : "";
        if (!entries.TryGetValue(place, out DimmEntry? entry))
            entries[place] = entry = new(place, error.Named);
        entryOf[error] = entry;
        entry.Errors.Add(error);
        if (error.Label.IndexOf("csrow#", StringComparison.Ordinal) is >= 0 and var select)
        {
            (string, string) key = (error.Source.Input, error.Label[select..]);
            if (!bySelect.TryGetValue(key, out HashSet<DimmEntry>? there))
                bySelect[key] = there = [];
            there.Add(entry);
        }
        entry.Tally.Add(error.Source, error.Count, error.Uncorrected, name => error[name], error.Page is > 0 ? error.Page : null);
    }

    /// <summary>The place that a record is about; null where nothing tells.</summary>
    public DimmEntry? Of(MceGroup group) => ofGroup.GetValueOrDefault(group);

    /// <summary>The place that owns a page of memory.</summary>
    public DimmEntry? OfPage(ulong page) =>
        byPage.TryGetValue(page, out List<EdacError>? errors) && errors.Select(e => entryOf[e]).Distinct().ToArray() is [var one] ? one
            : null;

    private DimmEntry? Join(MceGroup group)
    {
        MceEvent e = group.First;
        MachineCheck r = e.Record;
        if (e.Kind != MceKind.Memory && !r.ConsumedPoison)
            return null;
        // rasdaemon says both in one line.
        foreach (Source source in r.Sources)
        {
            if (byLine.TryGetValue((source.Input, source.Line), out EdacError? own))
                return entryOf[own];
        }
        if (!r.NormalisedAddress && r.Addr is > 0xfff and var address && r.AddressMode is null or 2)
        {
            if (OfPage(address >> 12) is { } byAddress)
                return byAddress;
        }
        else if (r.NormalisedAddress && ChipSelect(r) is { } select)
        {
            if (bySelect.GetValueOrDefault((r.Sources[0].Input, select)) is { Count: 1 } there)
                return there.First();
        }
        return Behind(r);
    }

    /// <summary>amd64_edac takes channel and chip select from the same registers: MCA_IPID and the syndrome.</summary>
    private static string? ChipSelect(MachineCheck r) =>
        r is { Ipid: { } ipid, Synd: { } synd } ? $"csrow#{synd & 7}channel#{(ipid >> 20) & 0xfff}" : null;

    /// <summary>The next line of the controller that printed the record, when neither has an address that the other contradicts.</summary>
    private DimmEntry? Behind(MachineCheck r)
    {
        if (r.ConsumedPoison || ControllerOf(r) is not { } controller)
            return null;
        Source last = r.Sources[^1];
        if (!byInput.TryGetValue(last.Input, out List<EdacError>? read))
            return null;
        int low = 0, high = read.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = read[middle].Source.Line > last.Line ? (low, middle) : (middle + 1, high);
        }
        EdacError? next = low < read.Count ? read[low] : null;
        return next is not null && next.Source.Line - last.Line <= Beside && next.Controller == controller &&
            (r.Addr is null || next.Address is null || r.NormalisedAddress) ? entryOf[next] : null;
    }

    /// <summary><c>EDAC sbridge MC1: CPU 0: Machine Check Event: …</c></summary>
    private static int? ControllerOf(MachineCheck r)
    {
        string text = r.Sources[0].Text;
        int edac = text.IndexOf("EDAC ", StringComparison.Ordinal);
        int at = edac < 0 ? -1 : text.IndexOf(" MC", edac, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var c = new Text.TextCursor(text.AsSpan(at + 3));
        return c.Number(out long number) && c.Skip(":") && number is >= 0 and < 4096 ? (int)number : null;
    }
}
