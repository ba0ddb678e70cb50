using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A module says that it has taken a hand in a network interface that another driver drives.</summary>
/// <param name="Device"><c>eth1</c></param>
public sealed record ForeignHand(Source Source, string Module, string Device) : Fact(Source);

/// <summary>
/// <c>[quick_tx] INFO:  Device registered: /dev/net/quick_tx_eth1 --> eth1</c>, <c>PF_RING: attached to eth2</c>: modules that put
/// themselves on top of a card name themselves and the interface.
/// </summary>
public sealed class ForeignHands : LineParser
{
    private static readonly string[] Words = ["egistered", "ttached to ", "ooked ", "ound to "];

    private static readonly string[] Interfaces = ["eth", "eno", "ens", "enp", "em", "p1p", "bond"];

    private const int Most = 64;

    private int kept;

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs { get; } = ["> eth", "> enp", "> eno", "> ens", "> bond", "ttached to eth",
        "ttached to en"];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> message = line.Kernel.Message;
        if (line.Kernel.Foreign || kept >= Most || !Has(message))
            return false;
        ReadOnlySpan<char> module;
        if (message.StartsWith("[", StringComparison.Ordinal) && message.IndexOf(']') is > 1 and var close)
            module = message[1..close];
        else
            module = message.IndexOf(':') is > 1 and var colon ? message[..colon] : default;
        ReadOnlySpan<char> last = message.Trim()[(message.Trim().LastIndexOf(' ') + 1)..];
        if (!PlainWord.Is(module.ToString()) || module.IsEmpty || !IsInterface(last))
            return false;
        kept++;
        facts.Add(new ForeignHand(line.ToSource(), module.ToString(), last.ToString()));
        return false;
    }

    public override void End(Facts facts) => kept = 0;

    private static bool Has(ReadOnlySpan<char> message)
    {
        foreach (string word in Words)
        {
            if (message.Contains(word, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private static bool IsInterface(ReadOnlySpan<char> word)
    {
        foreach (string begin in Interfaces)
        {
            if (word.StartsWith(begin, StringComparison.Ordinal) && word.Length < 16 && char.IsAsciiDigit(word[^1]))
                return true;
        }
        return false;
    }
}
