using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary>What of the machine that <c>--root</c> names could not be read: told, and never passed over by an all-clear.</summary>
internal static class RootNote
{
    /// <summary>To be called when the facts are gathered, and before they are judged.</summary>
    public static void Tell(Context context, MachineTree? root, Facts facts)
    {
        if (root?.Note is not { } missing)
            return;
        context.Error.WriteLine($"kdt: {Printable.Escape(root.Name)}: {Printable.Escape(missing)}");
        facts.Add(new PartlyRead(new Source(root.Name, missing)));
    }

    public static int Exit(Verdict verdict, MachineTree? root) =>
        verdict.Bad ? ExitCode.Found : root?.Note is not null ? ExitCode.Failed : ExitCode.Fine;
}
