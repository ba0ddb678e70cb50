using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Machines;

/// <summary>The property by which an input identifies its machine.</summary>
public enum IdentityKind
{
    /// <summary>The name that a logger, systemd or uname writes, up to its first dot; <see cref="MachineIdentity.Full"/> is all of
    /// it.</summary>
    Host,

    /// <summary>Vendor and model of the <c>DMI:</c> line: machines of one kind share it.</summary>
    Model,

    /// <summary>The file system that <c>root=</c> names; a crash kernel has its machine's.</summary>
    Root,
}

/// <summary>A property that distinguishes machines.</summary>
public sealed record MachineIdentity(Source Source, IdentityKind Kind, string Value) : Fact(Source)
{
    /// <summary>Domains that many sites use: a name in one of them identifies no more than the host name alone.</summary>
    private static readonly string[] Everywhere = ["localdomain", "local", "localhost", "lan", "home", "internal", "(none)"];

    /// <summary>A host's name with its domain, in lower case; null where only the host is told.</summary>
    public string? Full { get; init; }

    /// <summary>The identity by a host name; null for a name that any machine may have.</summary>
    public static MachineIdentity? OfHost(Source source, ReadOnlySpan<char> name) => MachineIdentities.NameOf(name) is { } host
        ? new(source, IdentityKind.Host, host) { Full = FullOf(name) } : null;

    /// <summary>
    /// False if the two are of different machines: for hosts, the same name in two domains. A name without its domain may be
    /// either.
    /// </summary>
    public bool Fits(MachineIdentity other) => Kind == other.Kind && Value == other.Value &&
        (Full is null || other.Full is null || Full == other.Full);

    /// <summary>A host name with its domain, in lower case; null if the domain identifies nothing.</summary>
    public static string? FullOf(ReadOnlySpan<char> name)
    {
        string full = name.Trim().TrimEnd('.').ToString().ToLowerInvariant();
        return full.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && !Everywhere.Contains(full[(dot + 1)..]) ? full : null;
    }
}

/// <summary>
/// Reads the identity of the machine from a log: the host column of a syslog, <c>Hostname set to</c> of systemd, the <c>DMI:</c> line
/// and <c>root=UUID=</c>. A host name counts when several lines bear it, because one line may hold anything.
/// </summary>
public sealed class MachineIdentities : LineParser
{
    private const int Enough = 3, MaxHosts = 64;

    /// <summary>Names that an installer, an image or a crash kernel gives to every machine: they identify none.</summary>
    private static readonly HashSet<string> Anyone = new(StringComparer.Ordinal)
    {
        "localhost", "localhost4", "localhost6", "kernel", "host", "ubuntu", "debian", "fedora", "centos", "rhel", "rocky", "almalinux",
        "opensuse", "archlinux", "linux", "dracut", "initrd", "initramfs", "kdump", "unknown", "none", "(none)",
    };

    private readonly Dictionary<string, (int Lines, Source First)> hosts = new(StringComparer.Ordinal);

    public override string Kind => "kernel log";

    public override IReadOnlyList<string> Signs => [" kernel: ", "ostname set to <", "DMI: ", "root=UUID="];

    public override bool Line(in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> text = line.Text;
        if (text.IndexOf(" kernel: ", StringComparison.Ordinal) is >= 0 and < 80 and var tag && HostBefore(text[..tag]) is { } host)
        {
            if (hosts.TryGetValue(host, out (int Lines, Source First) seen))
                hosts[host] = (seen.Lines + 1, seen.First);
            else if (hosts.Count < MaxHosts)
                hosts[host] = (1, line.ToSource());
        }
        ReadOnlySpan<char> message = line.Kernel.Message;
        if (message.IndexOf("ostname set to <", StringComparison.Ordinal) is >= 0 and var set)
        {
            ReadOnlySpan<char> name = message[(set + "ostname set to <".Length)..];
            if (name.IndexOf('>') is > 0 and var end && MachineIdentity.OfHost(line.ToSource(), name[..end]) is { } own)
                facts.Add(own);
        }
        if (message.StartsWith("DMI: ", StringComparison.Ordinal) && message.IndexOf(", BIOS ", StringComparison.Ordinal) is > 0 and
            var bios)
            facts.Add(new MachineIdentity(line.ToSource(), IdentityKind.Model, message[5..bios].Trim().ToString()));
        if (message.Contains("ommand line: ", StringComparison.Ordinal) &&
            message.IndexOf("root=UUID=", StringComparison.Ordinal) is > 0 and var root)
        {
            ReadOnlySpan<char> value = message[(root + "root=UUID=".Length)..];
            facts.Add(new MachineIdentity(line.ToSource(), IdentityKind.Root,
                (value.IndexOf(' ') is >= 0 and var blank ? value[..blank] : value).ToString()));
        }
        // Other parsers recognise these lines; they alone do not make a text a log.
        return false;
    }

    public override void End(Facts facts)
    {
        // One machine's lines may bear its name with and without the domain.
        foreach (var names in hosts.GroupBy(h => Short(h.Key), StringComparer.Ordinal)
            .Where(n => n.Sum(h => h.Value.Lines) >= Enough).OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            foreach (var told in names.GroupBy(h => MachineIdentity.FullOf(h.Key), StringComparer.Ordinal)
                .OrderBy(t => t.Key, StringComparer.Ordinal))
                facts.Add(new MachineIdentity(told.MinBy(h => h.Value.First.Line).Value.First, IdentityKind.Host, names.Key)
                {
                    Full = told.Key,
                });
        }
        hosts.Clear();
    }

    /// <summary>The word before the tag, where a date or time stands before it: <c>Nov  7 15:39:12 server</c>.</summary>
    private static string? HostBefore(ReadOnlySpan<char> text)
    {
        int blank = text.LastIndexOf(' ');
        if (blank < 0 || !text[..blank].ContainsAnyInRange('0', '9') || text[..blank].IndexOf(':') < 0)
            return null;
        ReadOnlySpan<char> word = text[(blank + 1)..];
        bool name = word.Length is > 0 and <= 64 && char.IsAsciiLetter(word[0]) &&
            !word.ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
        return name && !Anyone.Contains(Short(word)) ? word.ToString().ToLowerInvariant() : null;
    }

    /// <summary>A host's name up to its first dot, in lower case; null for one that any machine may have.</summary>
    public static string? NameOf(ReadOnlySpan<char> host) => Short(host.Trim()) is { Length: > 0 } name && !Anyone.Contains(name) ? name
        : null;

    private static string Short(ReadOnlySpan<char> name) =>
        (name.IndexOf('.') is > 0 and var dot ? name[..dot] : name).ToString().ToLowerInvariant();
}
