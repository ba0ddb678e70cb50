using Kdump.Diagnosis.Catalogue;
using Kdump.Diagnosis.Catalogue.Failures;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules;

/// <summary>
/// A failure of the catalogue: its signs are in the log of the right kernel, and no line there shows that it was resolved.
/// </summary>
public sealed class KnownFailure(Failure failure) : Rule
{
    private const int Beside = 4;

    public override string Id => failure.Id;

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        List<FailureSeen> all = [.. facts.Of<FailureSeen>().Where(s => ReferenceEquals(s.Failure, failure))];
        foreach (FailureSeen seen in all.Where(s => !s.Excused && !all.Any(e => e.Excused && e.Boot == s.Boot)))
        {
            bool? capture = seen.Boot?.Capture;
            if (failure.In == Life.First && capture == true || (failure.In == Life.Capture && capture == false))
                continue;
            if (failure.In == Life.Capture && capture is null && OrdinaryStart(seen.Boot, facts))
                continue;
            // What a unit of the ordinary start said about it just before is told by the family of that start.
            if (failure.In == Life.Capture && capture is null && facts.Of<FamilySeen>().Any(f => f.Family.In == Life.First &&
                f.Boot == seen.Boot && f.Source.Input == seen.Source.Input && Math.Abs(f.Source.Line - seen.Source.Line) <= Beside))
                continue;
            if (failure.In == Life.Capture && capture is null)
            {
                yield return new Unknown($"whether this is about the crash kernel: {Title(seen)} ({seen.Source.Place})",
                    "the log from the kernel's first lines");
                continue;
            }
            FailureHealed? healed = facts.Of<FailureHealed>().LastOrDefault(h => ReferenceEquals(h.Failure, failure) &&
                h.Boot == seen.Boot && h.Source.Input == seen.Source.Input && h.Source.Order > seen.Source.Order &&
                (h.Subject.Length == 0 || h.Subject == seen.Taken[failure.Subject - 1]));
            Weight weight = seen.Boot?.Release is { } release && failure.ByRelease is { } weigh ? weigh(release)
                : new(failure.Severity, failure.Cause, true);
            string title = Title(seen) + (healed is null ? "" : "; it works again since");
            yield return new Finding(failure.Id, title, weight.Severity, failure.Confidence, weight.Cause)
            {
                Subject = failure.Subject == 0 ? null : seen.Taken[failure.Subject - 1],
                EndsWithKernel = failure.Area is Area.Starting or Area.Reaching or Area.Writing or Area.Crashing,
                Fixes = [.. failure.Fixes.Select(f => f.Command is null ? f : f with
                {
                    Command = ShellWord.Into(f.Command, [.. seen.Taken.Select(t => t.Trim())]),
                })],
                Evidence = healed is null ? seen.Lines : [.. seen.Lines, healed.Source],
                CausedBy = [.. failure.CausedBy],
                Explains = !weight.Explains ? [] : [.. failure.Explains.Select(e => FindingRef.Parse(Fill(e, seen)))],
            };
        }
    }

    /// <summary>
    /// The machine looks for its root file system or its first program, and no line is about a dump: this is no crash kernel.
    /// </summary>
    private static bool OrdinaryStart(Boot? boot, Facts facts) => !facts.Any<DumpProgress>() && facts.Of<RootSign>()
        .Any(s => s.Boot == boot && s.Step is RootStep.InitramfsGaveUp or RootStep.KernelCannotOpen or RootStep.InitMissing or
            RootStep.NothingMounted or RootStep.NoInit);

    private string Title(FailureSeen seen) => Fill(failure.Title, seen);

    private static string Fill(string text, FailureSeen seen)
    {
        for (int i = 0; i < seen.Taken.Count; i++)
            text = text.Replace($"{{{i + 1}}}", seen.Taken[i].Trim(), StringComparison.Ordinal);
        return text;
    }
}
