using Kdump.Diagnosis.Model;
using Kdump.Sources.Cases;

namespace Kdump.Cli.Reports;

/// <summary>One machine of a case, with the verdict from its own inputs.</summary>
internal sealed record JudgedMachine(CaseMachine Machine, Verdict Verdict)
{
    /// <summary>The severity of its worst finding; -1 without findings.</summary>
    public int Worst => Verdict.Findings.Count == 0 ? -1 : Verdict.Findings.Max(f => (int)f.Severity);
}
