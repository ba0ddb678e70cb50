using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// Why there was no way to a server: the network's own first failure in the same life, before the program that found no way. A card that
/// did not start comes before its firmware, its link and its address: each needs the one before.
/// </summary>
internal sealed record LostNetwork(string Title, string Why, IReadOnlyList<Source> Evidence, IReadOnlyList<Fix> Fixes)
{
    /// <summary>Messages of a program that finds no way to its server.</summary>
    private static readonly string[] OfTheWay =
    [
        "timed out", "No route to host", "Network is unreachable", "Failed to resolve", "Could not resolve hostname", "connect to host",
        "lost connection", "Broken pipe",
    ];

    /// <summary>The reason; null where the message is about something else, or nothing of the network failed before it.</summary>
    public static LostNetwork? Before(ToolSaid said, Facts facts)
    {
        if (!OfTheWay.Any(w => said.Message.Wording.Contains(w, StringComparison.Ordinal) ||
            said.Source.Text.Contains(w, StringComparison.Ordinal)))
            return null;
        (Source Source, string Driver, string Device)[] cards = [.. Cards(facts, said)];
        if (cards.Length > 0)
            return new($"its network card did not start ({cards[0].Driver} {cards[0].Device})",
                $" Before it the driver {cards[0].Driver} could not bring up {cards[0].Device}: " +
                "without that card there is no way to the server.", [.. cards.Take(2).Select(c => c.Source)], []);
        if (facts.Of<FirmwareMissing>().FirstOrDefault(f => Earlier(f, said) && NetworkDrivers.Contains(f.Driver)) is { } firmware)
            return new($"the firmware of its network card is not in the image ({firmware.Driver} {firmware.Device})",
                $" Before it the driver {firmware.Driver} did not find {firmware.File} for {firmware.Device}.", [firmware.Source],
                [new Fix("Take the file into the image: install_items+=\" /lib/firmware/FILE \" (dracut), then build it again",
                    "kdt image check IMAGE")]);
        ToolSaid? network = facts.Of<ToolSaid>().FirstOrDefault(s => s.Message.Stage == ToolStage.Networking && Earlier(s, said));
        return network is null ? null : new("its network did not come up", $" Before it: {char.ToLowerInvariant(network.Means[0])}" +
            $"{network.Means[1..]}", [network.Source], [.. DumpServices.Fitting(network, DumpService.Unknown)]);
    }

    private static bool Earlier(Fact fact, ToolSaid said) => fact.Boot == said.Boot && fact.Source.Input == said.Source.Input &&
        fact.Source.Order < said.Source.Order;

    /// <summary>Network drivers that failed before, in the same life: a probe, an interrupt that was refused.</summary>
    private static IEnumerable<(Source Source, string Driver, string Device)> Cards(Facts facts, ToolSaid said) =>
        facts.Of<ProbeFailed>().Select(p => ((Fact)p, p.Driver, p.Device))
            .Concat(facts.Of<DriverError>().Select(e => ((Fact)e, e.Driver, e.Device)))
            .Concat(facts.Of<InterruptRefused>().Select(i => ((Fact)i, i.Driver, i.Device)))
            .Where(f => NetworkDrivers.Contains(f.Driver) && Earlier(f.Item1, said))
            .Select(f => (f.Item1.Source, f.Driver, f.Device)).OrderBy(f => f.Source.Order);
}
