using System.Text;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Probe.Machine;
using Kdump.Probe.Screens;

namespace Kdump.Probe.Commands;

/// <summary>Traces one function while a driver is bound, and names the deepest call that failed.</summary>
internal static class Trace
{
    /// <summary>Number of trace lines to show around a failure, and to keep.</summary>
    private const int Shown = 60, Kept = 4000;

    public static int Run(Options options)
    {
        if (options.Operands is not [string function] || options.Bind is null || !PciAddress.TryParse(options.Bind, out PciAddress address))
            return Fail(
                "trace needs a function and --bind with a PCI function: kdump-probe trace request_threaded_irq --bind 0000:1d:00.0 --yes");
        if (!options.Yes)
            return Fail(
                $"trace mounts tracefs if necessary, traces {function} while it rebinds {address}, and restores all settings. " +
                    "Add --yes to do it");
        string bdf = address.ToString();
        if (Binding.Obstacle(Binding.Live, bdf) is string obstacle)
            return Fail(obstacle);
        using Tracing? tracing = Tracing.Open(out string problem);
        if (tracing is null)
            return Fail(problem);
        if (tracing.Obstacle() is string missing)
            return Fail(missing);
        using var listener = new KernelListener();
        var binding = new Binding(bdf, listener);
        if (binding.Driver.Length > 0 && binding.Unbind() is int refused and not 0)
            return Fail($"{bdf}: unbind refused with {Errno.Name(refused)}");
        listener.Clear();
        if (tracing.Start(function) is string obstacleToTrace)
        {
            _ = binding.Bind();
            return Fail(obstacleToTrace);
        }
        int bound = binding.Bind();
        var lines = new List<string>();
        Facts facts = tracing.Stop(lines, Kept);
        Output.Write(Text(function, bdf, bound, tracing.HasReturnValues, facts, lines, listener));
        return bound != 0 || facts.Any<CallFailed>() || listener.Facts.Any<ProbeFailed>() ? 1 : 0;
    }

    private static string Text(string function, string bdf, int bound, bool values, Facts facts, List<string> lines,
        KernelListener listener)
    {
        string result = bound switch
        {
            0 => "done",
            KernelFile.TimedOut => "hangs",
            _ => $"-{bound} ({Errno.Name(bound)})",
        };
        var text = new StringBuilder();
        text.Append($"bind of {bdf}: {result}; " +
            $"{Counted.Of(lines.Count, "trace line")} of {Printable.Escape(function)}" +
                    (values ? ", with return values\n"
                        : ", without return values (this kernel has no funcgraph-retval: it came with 6.5 and is a build option)\n"));
        foreach (string line in listener.Log)
            text.Append($"  log {Printable.Escape(line)}\n");
        IReadOnlyList<CallFailed> failures = facts.Of<CallFailed>();
        // The last failure is the one that made the driver fail; earlier ones had a fallback. Report each path once.
        for (int i = Math.Max(0, failures.Count - 3); i < failures.Count; i++)
        {
            CallFailed f = failures[i];
            if (i + 1 < failures.Count && failures[i + 1].Path == f.Path)
                continue;
            text.Append(
                $"FAILED {f.Function}(){(f.ReturnValue is long v ? $" = {v} ({Errno.Name((int)v)})" : "")}\n  path: {f.Path}\n  why: " +
                $"{f.Reasoning}\n");
        }
        if (failures.Count > 1)
            text.Append($"  {failures.Count} calls of {Printable.Escape(function)} failed\n");
        if (failures.Count == 0)
            text.Append(lines.Count == 0 ? $"{Printable.Escape(function)} was not called.\n"
                : "No failed call is visible in the trace.\n");
        else
        {
            int at = (int)Math.Min(lines.Count, failures[^1].Source.Line);
            for (int i = Math.Max(0, at - (Shown / 2)); i < Math.Min(lines.Count, at + (Shown / 2)); i++)
                text.Append("  | ").Append(Printable.Escape(lines[i])).Append('\n');
        }
        return text.ToString();
    }

    private static int Fail(string message)
    {
        Output.Error(message);
        return 2;
    }
}
