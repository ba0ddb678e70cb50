using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore timers</c>: pending timers, the next to fire first.</summary>
internal static class TimersView
{
    public static void Text(Context context, Vmcore vmcore)
    {
        Timers timers = new(vmcore);
        if (timers.Now.Value is { } now)
            context.Output.WriteLine(
                $"last tick: {Seconds((long)now.Monotonic)} s after boot, jiffies {now.Jiffies}, HZ {now.TicksPerSecond}");
        else
            context.Output.WriteLine($"the kernel's time cannot be read: {Printable.Escape(timers.Now.Status)}");
        context.Output.WriteLine($"{"IN SECONDS",14} {"CPU",3} {"CLOCK",-15} {"EXPIRES",20} {"TIMER",-16} FUNCTION");
        foreach (PendingTimer timer in timers.All)
            context.Output.WriteLine($"{(timer.Nanoseconds is { } ns ? Seconds(ns) : "?"),14} {timer.Cpu,3} {timer.Clock,-15} " +
                $"{timer.Expires,20} {timer.Address} {Printable.Escape(timer.Name is { } at ? Name(at) : $"{timer.Function}")}" +
                (timer.Deferrable ? " (may wait)" : "") + (timer.For is null ? "" : $" → {Printable.Escape(timer.For)}"));
        UnreadText.Lost(vmcore, timers.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Timers timers = new(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.timers/1", json =>
        {
            if (timers.Now.Value is { } now)
            {
                json.WriteNumber("monotonic", now.Monotonic);
                json.WriteNumber("jiffies", now.Jiffies);
                json.WriteNumber("hz", now.TicksPerSecond);
            }
            json.WriteStartArray("timers");
            foreach (PendingTimer timer in timers.All)
            {
                json.WriteStartObject();
                json.WriteNumber("cpu", timer.Cpu);
                json.WriteString("clock", timer.Clock);
                json.WriteString("timer", timer.Address.ToString());
                json.WriteNumber("expires", timer.Expires);
                if (timer.Nanoseconds is { } ns)
                    json.WriteNumber("inNanoseconds", ns);
                json.WriteString("address", timer.Function.ToString());
                json.WriteString("function", timer.Name?.Symbol);
                json.WriteString("module", timer.Name?.Module);
                json.WriteBoolean("deferrable", timer.Deferrable);
                if (timer.For is not null)
                    json.WriteString("for", timer.For);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            UnreadText.Lost(json, vmcore, timers.Damages);
        });
    }

    private static string Name(Kernel.Symbols.Location at) => at.Symbol + (at.Module is null ? "" : $" [{at.Module}]");

    private static string Seconds(long ns) => (ns / 1e9).ToString("0.000", CultureInfo.InvariantCulture);
}
