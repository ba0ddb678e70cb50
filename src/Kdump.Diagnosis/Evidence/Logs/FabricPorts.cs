using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A port of an InfiniBand or RoCE adapter as a tool shows it.</summary>
/// <param name="Device"><c>mlx5_0</c></param>
/// <param name="State">Of the link layer, in small letters: <c>down</c>, <c>initializing</c>, <c>armed</c>, <c>active</c>.</param>
/// <param name="Physical">Of the wire: <c>polling</c>, <c>disabled</c>, <c>linkup</c> …; empty where it is not shown.</param>
/// <param name="Ethernet">It is an Ethernet port (RoCE).</param>
public sealed record FabricPort(Source Source, string Device, int Port, string State, string Physical, bool Ethernet) : Fact(Source);

/// <summary>
/// The listings of <c>ibstat</c>, <c>ibstatus</c>, <c>ibv_devinfo</c> and <c>rdma link</c> (rdma-core infiniband-diags/ibstat.c,
/// ibstatus, libibverbs/examples/devinfo.c; iproute2 rdma/link.c).
/// </summary>
public sealed class FabricPorts : LineParser
{
    private string? device, state;
    private int port;
    private string physical = "";
    private bool ethernet;
    private Source? source;

    public override string Kind => "InfiniBand ports";

    public override IReadOnlyList<string> Signs { get; } =
        ["CA '", "hca_id:", "Infiniband device '", "link mlx", "link irdma", "link bnxt_re", "link hfi1", "link qib", "link erdma",
            "link efa", "link siw", "link rxe", "physical_state "];

    public override bool Busy => device is not null;

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text.Trim();
        if (OfLink(text, line, facts))
            return true;
        var c = new TextCursor(text);
        if ((c.Skip("CA '") || c.Skip("Infiniband device '")) && c.Before("'", out ReadOnlySpan<char> name) && name.Length is > 0 and < 32)
        {
            Begin(name, facts);
            if (c.Skip(" port ") && c.Number(out long number))
                port = Small(number);
            return true;
        }
        if (text.StartsWith("hca_id:", StringComparison.Ordinal) && text["hca_id:".Length..].Trim() is { Length: > 0 and < 32 } hca)
        {
            Begin(hca, facts);
            return true;
        }
        return device is not null && Member(text, line, facts);
    }

    public override void End(Facts facts)
    {
        Finish(facts);
        device = null;
    }

    private void Begin(ReadOnlySpan<char> name, Facts facts)
    {
        Finish(facts);
        (device, port) = (name.ToString(), 0);
    }

    private bool Member(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        int colon = text.IndexOf(':');
        if (colon <= 0 || colon > 40)
        {
            if (text.IsEmpty)
                return false;
            End(facts);
            return false;
        }
        ReadOnlySpan<char> key = text[..colon].Trim(), value = text[(colon + 1)..].Trim();
        if (value.IsEmpty && key.StartsWith("Port ", StringComparison.Ordinal) && int.TryParse(key[5..], out int headed))
        {
            Finish(facts);
            port = headed;
        }
        else if (key is "port" && int.TryParse(value, out int listed))
        {
            Finish(facts);
            port = listed;
        }
        else if (key is "State" or "state")
        {
            state = Word(value);
            source = line.ToSource();
        }
        else if (key is "Physical state" or "phys state" or "phys_state")
            physical = Word(value);
        else if (key is "Link layer" or "link_layer")
            ethernet = value is "Ethernet";
        return true;
    }

    /// <summary><c>link mlx5_0/1 state DOWN physical_state DISABLED netdev eth0</c></summary>
    private static bool OfLink(ReadOnlySpan<char> text, in TextLine line, Facts facts)
    {
        var c = new TextCursor(text);
        if (!c.Skip("link ") || !c.Before("/", out ReadOnlySpan<char> name) || name.Length is 0 or > 31 || name.Contains(' ') ||
            !c.Number(out long number) || !c.SkipPast(" state "))
            return false;
        string state = c.Word().ToString().ToLowerInvariant();
        string physical = c.SkipPast("physical_state ") ? c.Word().ToString().Replace("_", "").ToLowerInvariant() : "";
        facts.Add(new FabricPort(line.ToSource(), name.ToString(), Small(number), state, physical,
            text.Contains(" netdev ", StringComparison.Ordinal) && !text.Contains(" netdev ib", StringComparison.Ordinal)));
        return true;
    }

    private void Finish(Facts facts)
    {
        if (device is not null && state is not null && source is { } at)
            facts.Add(new FabricPort(at, device, port, state, physical, ethernet));
        (state, physical, ethernet, source) = (null, "", false, null);
    }

    /// <summary><c>PORT_DOWN (1)</c>, <c>1: DOWN</c>, <c>Down</c></summary>
    private static string Word(ReadOnlySpan<char> value)
    {
        if (value.IndexOf(": ") is > 0 and < 3 and var number)
            value = value[(number + 2)..];
        if (value.IndexOf(" (") is > 0 and var code)
            value = value[..code];
        if (value.StartsWith("PORT_", StringComparison.Ordinal))
            value = value["PORT_".Length..];
        return value[..Math.Min(value.Length, 40)].ToString().Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
    }

    private static int Small(long value) => value is >= 0 and < 256 ? (int)value : 0;
}
