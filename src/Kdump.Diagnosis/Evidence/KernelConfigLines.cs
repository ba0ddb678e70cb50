using Kdump.Diagnosis.Kconfig;

namespace Kdump.Diagnosis.Evidence;

/// <summary>A whole kernel configuration.</summary>
public sealed record KernelConfigSeen(Source Source, ConfigOptions Config) : Fact(Source);

/// <summary>Collects a kernel config; a few options quoted in a report are none.</summary>
public sealed class KernelConfigLines : LineParser
{
    private const int Least = 50;

    private ConfigOptions config = new();
    private Source? first;

    public override string Kind => "kernel config";

    public override IReadOnlyList<string> Signs => ["CONFIG_"];

    public override bool Line(in TextLine line, Facts facts)
    {
        if (!config.Line(line.Text))
            return false;
        first ??= line.ToSource();
        return true;
    }

    public override void End(Facts facts)
    {
        if (first is not null && config.Values.Count >= Least)
            facts.Add(new KernelConfigSeen(first, config));
        config = new();
        first = null;
    }
}
