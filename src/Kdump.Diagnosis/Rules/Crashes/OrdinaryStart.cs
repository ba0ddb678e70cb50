using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>
/// Whether the kernel that waits for a device is an ordinary one. Most logs that people have are of ordinary starts, and an excerpt
/// seldom holds the command line: without any sign of a crash kernel, a crash or a dump nothing is said about a dump.
/// </summary>
internal static class OrdinaryStart
{
    /// <summary>Disks normally appear within one or two seconds; a wait longer than this is a symptom.</summary>
    private const int PatientSeconds = 15;

    /// <summary>ENOSPC: a crash kernel with one CPU has no interrupt vector left.</summary>
    private const int NoVector = 28;

    /// <summary>True if it gave up, or waited longer than a disk ever takes.</summary>
    public static bool Long(DeviceWait wait) => wait.GaveUp || wait.Seconds >= PatientSeconds;

    /// <summary>The question about a wait whose kernel is not known.</summary>
    public static Unknown WhichKernel(DeviceWait wait) => new(
        $"whether the kernel that waits for {wait.Device} is the crash kernel or the normal one: " +
        "this part of the log does not show its command line",
        "the console log from the kernel's first lines (a crash kernel's command line contains elfcorehdr=), or the report of kdump-probe");

    /// <summary>True if its kernel arms kdump: that is the kernel which may crash, not the one that saves the dump.</summary>
    private static bool Arms(DeviceWait wait, Facts facts) => facts.Of<GaveUp>().Any(g => g.What == Undone.Start &&
        g.Boot == wait.Boot && g.Source.Input == wait.Source.Input);

    public static bool Of(DeviceWait wait, Facts facts) => wait.Boot?.Capture is null && (Arms(wait, facts) || Quiet(facts));

    /// <summary>True if nothing in the input tells of a crash kernel, a crash or a dump.</summary>
    private static bool Quiet(Facts facts) => !facts.Any<DumpProgress>() && !facts.Any<DumpTarget>() && !facts.Any<TargetState>() &&
        !facts.Any<KernelPanic>() && !facts.Any<CrashAsked>() && DumpServices.Of(facts) == DumpService.Unknown &&
        !facts.Of<ProbeFailed>().Any(p => Math.Abs(p.Errno) == NoVector) &&
        // If another input is of a crash kernel, this one may be of the same.
        !facts.Boots.Any(b => b.Capture == true);
}
