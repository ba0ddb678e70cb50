using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Commands;

/// <summary>
/// Reports what could not be read of the machine that <c>--root</c> names, so that "nothing wrong" is never printed for files that
/// were not read.
/// </summary>
internal static class RootNote
{
    /// <summary>To be called after the facts are gathered and before they are judged.</summary>
    public static void Tell(Context context, MachineTree? root, Facts facts)
    {
        if (root?.Note is not { } missing)
            return;
        context.Error.WriteLine($"kdt: {Printable.Escape(root.Name)}: {Printable.Escape(missing)}");
        facts.Add(new PartlyRead(new Source(root.Name, missing)));
    }

    /// <summary>Refuses a verdict without findings if the tree had nothing that could be judged.</summary>
    /// <exception cref="InputException">The tree had nothing that could be judged.</exception>
    public static void Refuse(MachineTree root, Facts facts, Verdict verdict)
    {
        if (verdict.Findings.Count > 0 || facts.Any<MachineKernel>() || facts.Any<CrashReservation>() || facts.Any<KexecLoaded>() ||
            facts.Any<ImageSummary>() || facts.Of<KdumpSetup>().Any(s => s.Tools != KdumpTools.None))
            return;
        throw new InputException(root.Name, "--root", -1, "contains no kernel, crash kernel or kdump tools, so it could not be judged");
    }

    public static int Exit(Context context, Verdict verdict, MachineTree? root) =>
        ExitCode.Of(context, whole: root?.Note is null, verdict);
}
