using System.CommandLine;
using Kdump.Cli.Reports;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Kconfig;

namespace Kdump.Cli.Commands;

/// <summary><c>kdt kconfig diff A B</c>: the differences between two kernel configs, most important first.</summary>
internal static class KconfigCommand
{
    public static Command Build(Context context)
    {
        var a = new Argument<string>("a") { Description = "A kernel config (/boot/config-*, /proc/config.gz)" };
        var b = new Argument<string>("b") { Description = "Another one" };
        var json = new Option<bool>("--json") { Description = "Print the differences as JSON" };
        var all = new Option<bool>("--all") { Description = "Include options with little relevance to crash dumps" };
        var diff = new Command("diff",
            "List the differences between two kernel configs; options for boot, DMA, IOMMU, PCI and kdump first.\n" +
                "\nExample: kdt kconfig diff /boot/config-6.5.13-6-pve /boot/config-6.8.4-2-pve") { a, b, json, all };
        diff.SetAction(parsed => Diff(context, parsed.GetValue(a)!, parsed.GetValue(b)!, parsed.GetValue(json), parsed.GetValue(all)));
        var command = new Command("kconfig", "Compare kernel configs.\n\nExample: kdt kconfig diff A B") { diff };
        return command;
    }

    private static int Diff(Context context, string a, string b, bool json, bool all)
    {
        (ConfigOptions first, ConfigOptions second) =
            TwoInputs.Open(context, () => KconfigInput.Read(a, context), () => KconfigInput.Read(b, context));
        KconfigChange[] changes = KconfigDiff.Between(first, second).ToArray();
        if (json)
            KconfigReport.WriteJson(context.Output, a, b, changes);
        else
            KconfigReport.WriteText(context.Output, changes, first.Values.Keys.Union(second.Values.Keys).Count(), all);
        return ExitCode.Fine;
    }
}
