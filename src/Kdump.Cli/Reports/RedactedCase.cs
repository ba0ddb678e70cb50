using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Reports;
using Kdump.Sources.Cases;
using Kdump.Sources.Gather;

namespace Kdump.Cli.Reports;

/// <summary>
/// The inputs and machines of a case with stand-ins: before a report is made of them, because a report shortens paths and wraps lines.
/// </summary>
/// <param name="given">The paths that the user named.</param>
internal sealed class RedactedCase(StandIns names, string[] given)
{
    public (IReadOnlyList<CaseInput> Inputs, JudgedMachine[] Machines) Of(IReadOnlyList<CaseInput> inputs, JudgedMachine[] machines)
    {
        var redacted = new RedactedVerdict(names, Path, Secrets.Line, Secrets.In);
        foreach (JudgedMachine m in machines)
        {
            foreach (MachineIdentity host in m.Machine.Facts.Of<MachineIdentity>().Where(i => i.Kind == IdentityKind.Host))
                names.Learn(StandInKind.Host, host.Full ?? host.Value);
            redacted.Read(m.Verdict, m.Machine.Facts);
        }
        return ([.. inputs.Select(Of)], Array.ConvertAll(machines, m => new JudgedMachine(m.Machine with
        {
            Host = m.Machine.Host is { } host ? names.Learn(StandInKind.Host, host) : null,
            FullHost = m.Machine.FullHost is { } full ? names.Learn(StandInKind.Host, full) : null,
            Inputs = [.. m.Machine.Inputs.Select(Of)], Facts = redacted.Of(m.Machine.Facts),
        }, redacted.Of(m.Verdict))));
    }

    private CaseInput Of(CaseInput input) => input with { Path = Path(input.Path),
        Note = input.Note is null ? null : names.Of(input.Note) };

    private string Path(string path) => path == "-" ? path
        : names.Path(path, given.Where(g => path.StartsWith(g, StringComparison.Ordinal)).MaxBy(g => g.Length));
}
