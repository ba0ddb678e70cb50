using System.Text;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Screens;

/// <summary>
/// The report for a serial console: 80 columns, about 40 lines, plain ASCII, most important first. The rest is in the lines of
/// <c>ProbeReport</c> and in --json.
/// </summary>
internal sealed class Screen
{
    private const int Width = 80, Height = 44, MaxAdvice = 18;

    private readonly StringBuilder text = new();
    private int lines;

    public static string Of(Facts facts, Verdict verdict)
    {
        var screen = new Screen();
        screen.Head(facts);
        screen.Line("");
        screen.Wrap("", verdict.Headline, 4);
        // In the first kernel "nothing wrong" is no answer to the question whether a crash would leave a dump.
        if (facts.Of<KernelState>() is [{ Capture: false }, ..])
            screen.Wrap("", "(This is no crash kernel. Whether a crash would leave a dump: kdt host check)", 2);
        screen.Line("");
        screen.Target(facts);
        screen.Advice(verdict);
        screen.Devices(facts);
        screen.Vectors(facts);
        screen.Memory(facts);
        screen.Checks(facts);
        screen.Unknowns(verdict);
        return screen.text.ToString();
    }

    private void Head(Facts facts)
    {
        string what = "unknown kernel";
        if (facts.Of<KernelState>() is [var k, ..])
        {
            bool named = k.Release.Length > 0;
            string kind = k.Capture switch { true => "capture kernel", false => named ? "not a capture kernel:" : "not a capture kernel",
                null => "kernel" };
            what = $"{kind}{(named ? $" {k.Release}" : ", release not known")}, {Cpus(k)}" +
                (k.NrCpus is int n ? $", nr_cpus={n}" : "") + (k.MaxCpus is int m ? $", maxcpus={m}" : "") +
                (k.UptimeSeconds >= 0 ? $", up {k.UptimeSeconds} s" : "");
        }
        Wrap("", $"kdump-probe {BuildFacts.Number}: {what}", 2);
    }

    private static string Cpus(KernelState k) => (k.Online >= 0, k.Possible >= 0) switch
    {
        (true, true) => $"{Counted.Of(k.Online, "CPU")} of {k.Possible} possible",
        (true, false) => Counted.Of(k.Online, "CPU"),
        (false, true) => $"{Counted.Of(k.Possible, "CPU")} possible",
        _ => "CPUs not known",
    };

    private void Target(Facts facts)
    {
        IReadOnlyList<DumpTarget> targets = facts.Of<DumpTarget>();
        if (targets.Count == 0)
            Wrap("TARGET   ", "no configuration of a dump target found", 2);
        int shown = 0;
        foreach (TargetState state in facts.Of<TargetState>())
        {
            if (++shown > 5)
                break;
            string found;
            if (state.Present)
                found = $"found: {state.Node}{Behind(facts, state.Node)}";
            else
                found = state.Certain ? "MISSING" : "not found, but not certain (no udev here)";
            Wrap(shown == 1 ? "TARGET   " : "         ", $"{state.Path}  {found}  ({state.Source.Place})", 2);
        }
        foreach (DumpTarget target in targets)
        {
            if (target.Device.Path is null && target.Spec.Length > 0 && ++shown <= 6)
                Wrap(shown == 1 ? "TARGET   " : "         ", $"{DumpTarget.NameOf(target.Kind)} {target.Spec}  ({target.Source.Place})", 2);
        }
        foreach (KdumpConfProblem problem in facts.Of<KdumpConfProblem>())
        {
            if (++shown <= 8)
                Wrap("         ", $"{problem.Source.Place}: {problem.Problem}", 2);
        }
        string disks = "";
        int count = 0;
        foreach (BlockDevice disk in facts.Of<BlockDevice>())
        {
            if (!disk.IsWhole)
                continue;
            if (++count <= 8)
                disks += $"{(disks.Length == 0 ? "" : ", ")}{disk.Name}{(disk.Chain.Length == 0 ? "" : $" ({disk.Pci})")}";
        }
        Wrap("DISKS    ", count switch { 0 => "none", > 8 => $"{disks} and {count - 8} more", _ => disks }, 3);
    }

    private static string Behind(Facts facts, string node)
    {
        foreach (BlockDevice disk in facts.Of<BlockDevice>())
        {
            if (disk.Name == node && disk.Pci.Length > 0)
                return $" on {disk.Pci}";
        }
        return "";
    }

    private void Devices(Facts facts)
    {
        IReadOnlyList<PciFunction> all = facts.Of<PciFunction>();
        int bound = 0, shown = 0;
        foreach (PciFunction f in all)
            bound += f.Driver.Length > 0 ? 1 : 0;
        if (all.Count > 0)
            Wrap("DEVICES  ", $"{all.Count} PCI functions, {bound} with a driver", 1);
        List<Failure> failures = Failure.In(facts);
        foreach (Failure failure in failures)
        {
            if (++shown > 5)
                break;
            Wrap("  failed  ",
                $"{failure.Devices[0]}{NameOf(facts, failure.Devices[0])}" +
                    $"{(failure.Devices.Count > 1 ? $" and {failure.Devices.Count - 1} more" : "")}: " +
                $"{failure.Driver} -{failure.Number} " +
                    $"{Errno.Name(failure.Number)}{(Errno.InProbe(failure.Number) is string meaning ? $", {meaning}" : "")}", 3);
        }
        if (failures.Count > 5)
            Line($"         and {Counted.Of(failures.Count - 5, "more kind")} of failure");
        shown = 0;
        foreach (PciFunction f in all)
        {
            if (f.Driver.Length == 0 && f.Class >> 16 is 0x01 or 0x02 && ++shown <= 4)
                Wrap("  unbound ", $"{f.Address} {f.Name}{Fitting(f.Modules)}", 2);
        }
        foreach (BusDevice d in facts.Of<BusDevice>())
        {
            if (d.Unbound && d.State is "block" or "scsi" or "network" && ++shown <= 5)
                Wrap("  unbound ", $"{d.Name} ({d.Bus} {d.State}) on {d.Pci}{Fitting(d.Modules)}", 2);
        }
        if (shown > 5)
            Line($"         and {shown - 5} more without a driver");
        shown = 0;
        foreach (DeferredProbe d in facts.Of<DeferredProbe>())
        {
            if (++shown <= 3)
                Wrap("  waiting ", $"{d.Device} {d.Reason}", 1);
        }
    }

    private static string Fitting(string? modules) =>
        modules switch { null => "", "" => "; no module in this image matches", _ => $"; the image has {modules}" };

    /// <summary>
    /// The name of a failed device: that of the PCI function itself, or of the PCI function to which a virtio device belongs.
    /// </summary>
    private static string NameOf(Facts facts, string device)
    {
        string address = device, through = "";
        foreach (BusDevice d in facts.Of<BusDevice>())
        {
            if (d.Name == device && d.Pci.Length > 0)
                (address, through) = (d.Pci, $"{d.Bus} {d.State} on {d.Pci} ");
        }
        foreach (PciFunction f in facts.Of<PciFunction>())
        {
            if (f.Address == address)
                return $" ({through}{f.Name})";
        }
        return through.Length == 0 ? "" : $" ({through.TrimEnd()})";
    }

    private void Vectors(Facts facts)
    {
        if (facts.Of<VectorSummary>() is [var v, ..])
        {
            string kernel = facts.Of<VectorDomain>() is [var d, ..] ? $"; the kernel counts {d.Allocated} used, {d.Available} free" : "";
            Wrap("VECTORS  ",
                $"{v.Held} in use of {(v.Cpus == 1 ? "201 to 203 on the only CPU" : $"201 to 203 on each of {v.Cpus} CPUs")}{kernel}; " +
                    $"most by {v.Owners}", 3);
        }
        IReadOnlyList<VectorOutcome> outcomes = facts.Of<VectorOutcome>();
        if (outcomes.Count > 0)
        {
            VectorOutcome whole = outcomes[0];
            int refused = 0;
            VectorOutcome? other = null;
            for (int i = 1; i < outcomes.Count; i++)
            {
                if (outcomes[i].Refused && outcomes[i].Real < outcomes[i].Likely)
                    refused++;
                else
                    other ??= outcomes[i];
            }
            string room = whole.Short > 0 ? $", more than the {Counted.Of(whole.Short, "available vector")}: refusals were predicted" : "";
            int differ = outcomes.Count - 1 - refused;
            string asSaid = refused > 0 ? $"{refused} refused as predicted" : "";
            string others = refused > 0 ? "" : "every device as predicted";
            if (other is not null)
                others = $"{differ} {(refused > 0 ? "other " : "")}{(differ == 1 ? "device differs" : "devices differ")}, " +
                    $"first {other.Device} {other.Driver}: {other.Real} of {other.Likely}";
            Wrap("FORECAST ", $"{Counted.Of(whole.Likely, "interrupt")} predicted on {Counted.Of(whole.Cpus, "CPU")}{room}; " +
                $"{whole.Real} here; {asSaid}{(asSaid.Length > 0 && others.Length > 0 ? ", " : "")}{others}", 3);
        }
    }

    private void Memory(Facts facts)
    {
        if (facts.Of<MemoryState>() is not [var m, ..])
            return;
        string rootfs = facts.Of<RootfsUse>() is [var r, ..] ? $", {r.Used >> 20} MiB used by the files of / ({r.Type})" : "";
        string top = "";
        foreach (ProcessMemory p in facts.Of<ProcessMemory>())
            top += $"{(top.Length == 0 ? "; largest: " : ", ")}{p.Command} {p.Resident >> 10}";
        Wrap("MEMORY   ", $"{Mib(m.Available)} of {Mib(m.Total)} MiB available{rootfs}{top}", 2);
        int oom = facts.Of<OutOfMemory>().Count;
        if (oom > 0)
            Line($"         the OOM killer ran {Counted.Of(oom, "time")}");
    }

    private static string Mib(long kib) => kib < 0 ? "?" : (kib >> 10).ToString();

    private void Checks(Facts facts)
    {
        foreach (CheckFailed failed in facts.Of<CheckFailed>())
            Wrap("CHECK    ", $"{failed.Check}: {failed.Reason} {failed.Source.Input}", 2);
    }

    private void Advice(Verdict verdict)
    {
        int number = 0, until = lines + MaxAdvice;
        foreach (Finding finding in verdict.RootCauses)
        {
            if (lines + 2 >= until)
                break;
            Wrap("WHY      ", finding.Why, number == 0 ? 6 : 3);
            for (int i = 0; i < finding.Fixes.Count; i++)
            {
                if (lines + 2 < until)
                    Wrap($"DO {++number}     ", Advised(finding, i), 6);
            }
        }
    }

    /// <summary>A fix as a sentence: whose machines it is for, what to do, and where.</summary>
    public static string Advised(Finding finding, int fix) =>
        (VerdictText.OfOne(finding, finding.Fixes[fix]) is { Length: > 0 } name ? $"{name}: " : "") +
            VerdictText.Said(finding, fix, Words.English);

    private void Unknowns(Verdict verdict)
    {
        int unknowns = 0;
        foreach (Unknown unknown in verdict.Unknowns)
        {
            if (++unknowns <= 2 && lines + 2 < Height)
                Wrap("UNKNOWN  ", $"{unknown.Question}; to find out: {unknown.Settle}", 3);
        }
    }

    /// <summary>
    /// Prints text after a label, wrapped at words; text that exceeds <paramref name="most"/> lines is cut and ends with dots.
    /// </summary>
    private void Wrap(string label, string what, int most)
    {
        string safe = Ascii(what);
        int at = 0;
        for (int n = 1; n <= most; n++)
        {
            int room = Width - 1 - label.Length;
            int end = safe.Length - at <= room ? safe.Length : safe.LastIndexOf(' ', at + room, room);
            if (end <= at)
                end = Math.Min(safe.Length, at + room);
            bool cut = n == most && end < safe.Length;
            Line((n == 1 ? label : new string(' ', label.Length)) + safe.AsSpan(at, cut ? Math.Min(end - at, room - 4) : end - at)
                .ToString() + (cut ? " ..." : ""));
            at = end;
            while (at < safe.Length && safe[at] == ' ')
                at++;
            if (at >= safe.Length)
                return;
        }
    }

    private void Line(string line)
    {
        text.Append(line.TrimEnd()).Append('\n');
        lines++;
    }

    private static string Ascii(string what)
    {
        string safe = Printable.Escape(what).Replace("\u2192", "->").Trim();
        var ascii = new StringBuilder(safe.Length);
        foreach (char c in safe)
            ascii.Append(c < 0x80 ? c : '?');
        return ascii.ToString();
    }
}
