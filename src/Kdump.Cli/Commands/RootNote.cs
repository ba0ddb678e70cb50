using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Images;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
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

    /// <summary>A verdict without a finding, of a tree in which nothing was there to be judged, is none.</summary>
    /// <exception cref="InputException">So it is here.</exception>
    public static void Refuse(MachineTree root, Facts facts, Verdict verdict)
    {
        if (verdict.Findings.Count > 0 || facts.Any<MachineKernel>() || facts.Any<CrashReservation>() || facts.Any<KexecLoaded>() ||
            facts.Any<ImageSummary>() || facts.Of<KdumpSetup>().Any(s => s.Tools != KdumpTools.None))
            return;
        throw new InputException(root.Name, "--root", -1, "nothing in it tells of a kernel, a crash kernel or kdump tools: not judged");
    }

    public static int Exit(Context context, Verdict verdict, MachineTree? root) =>
        ExitCode.Of(context, whole: root?.Note is null, verdict);
}
