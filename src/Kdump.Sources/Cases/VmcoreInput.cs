using System.Text;
using Kdump.Diagnosis.Crashes;
using Kdump.Diagnosis.Evidence.Dumps;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;
using Kdump.Formats.Dumps;
using Kdump.Kernel;

namespace Kdump.Sources.Cases;

/// <summary>
/// A dump as evidence: its state, its kernel's log, and where that kernel stopped. That kernel is always the crashed one.
/// </summary>
public static class VmcoreInput
{
    public static CaseInput Read(string path, Facts facts, Func<string, Stream, CaseInput> readLog)
    {
        try
        {
            using Vmcore vmcore = Vmcore.Open(DumpFormats.Open([path]));
            Dump dump = vmcore.Dump;
            string name = $"{path} (log)";
            string? note = null;
            if (vmcore.Log.Value is { } log)
            {
                using var text = new MemoryStream(Encoding.UTF8.GetBytes(log.Text()));
                readLog(name, text);
                var evidence = new Source(path, $"dump of {vmcore.Release ?? "a kernel"}");
                foreach (Fact fact in facts.All.Where(f => f.Boot?.Input == name))
                    fact.Boot!.Decide(capture: false, evidence);
            }
            else
                note = $"its log cannot be read: {vmcore.Log.Status}";
            // Facts from memory belong to the last boot in its log.
            facts.Boot = facts.All.LastOrDefault(f => f.Boot?.Input == name)?.Boot ?? new Boot(path, 0) { Release = vmcore.Release };
            facts.Boot.Decide(capture: false, new Source(path, $"dump of {vmcore.Release ?? "a kernel"}"));
            PageSample sample = PageSample.Of(dump);
            facts.Add(new DumpFile(new Source(path, $"{dump.Format}{(dump.Incomplete ? ", incomplete" : "")}"), dump.Format,
                dump.Incomplete, dump.Count().Damaged, dump.Info.DumpLevel)
            {
                Sampled = sample.Looked, Unreadable = sample.Unreadable, CrashTime = vmcore.CrashTime,
            });
            if (vmcore.NodeName is { } node && MachineIdentity.OfHost(new Source(path, node), node) is { } host)
                facts.Add(host);
            foreach ((string part, Func<IEnumerable<Fact>> read) in DumpEvidence.Of(vmcore, path))
            {
                try
                {
                    facts.AddRange(read());
                }
                catch (Exception e) when (e is not InputException && Fault.Is(e))
                {
                    facts.Add(Fault.Of(part, e, path));
                }
            }
            ProvenStack.Join(facts);
            return new(path, $"vmcore ({dump.Format})", note);
        }
        catch (InputException e)
        {
            return new(path, "vmcore", e.Reason, Unknown: true);
        }
    }
}
