using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore irq</c>: vectors by CPU, then every interrupt.</summary>
internal static class IrqsView
{
    public static void Text(Context context, Vmcore vmcore)
    {
        Irqs irqs = vmcore.Irqs.Need(vmcore.Dump.Name, "interrupts");
        TextWriter output = context.Output;
        if (irqs.Matrix.Value is { } matrix)
        {
            output.WriteLine(
                $"vectors 0x{matrix.First:x}..0x{matrix.End - 1:x}: {matrix.TotalAllocated} in use, " +
                $"{matrix.GlobalAvailable} free on all CPUs, {matrix.GlobalReserved} reserved but not in use");
            output.WriteLine("  CPU  in use   free  managed (in use)");
            foreach (VectorUse use in matrix.Cpus)
                output.WriteLine(
                    $"  {use.Cpu,3} {use.Allocated,7} {use.Available,6} {use.Managed,8} " +
                    $"({use.ManagedAllocated}){(use.Online ? "" : "  offline")}");
        }
        else if (HasVectors(vmcore))
            output.WriteLine($"vectors: {Printable.Escape(irqs.Matrix.Status)}");
        if (!HasVectors(vmcore))
        {
            Numbers(output, irqs);
            UnreadText.Lost(vmcore, irqs.Damages);
            return;
        }
        output.WriteLine();
        output.WriteLine("   IRQ VECTOR CPU      COUNT CHIP                 DEVICE        HANDLERS");
        foreach (Irq irq in irqs.All.Where(i => i.Actions.Count > 0 || i.Vector is not null || i.Reserved))
        {
            string vector;
            if (irq.Vector is int v)
                vector = $"0x{v:x2}";
            else
                vector = irq.Reserved ? "rsvd" : "-";
            output.WriteLine(
                $"{irq.Number,6} {vector,6} {irq.Cpu?.ToString() ?? "-",3} " +
                $"{irq.Count?.ToString() ?? "?",10} {Printable.Escape(irq.Chip ?? ""),-20} {Printable.Escape(irq.Device ?? ""),-13} " +
                $"{Printable.Escape(string.Join(", ", irq.Actions))}{(irq.Managed ? " (managed)" : "")}");
        }
        UnreadText.Lost(vmcore, irqs.Damages);
    }

    private static bool HasVectors(Vmcore vmcore) => vmcore.Machine is "x86_64" or "";

    /// <summary>Where CPUs have no vectors: each interrupt with its number at the controller (GIC: SGIs from 0, PPIs from 16, SPIs from 32,
    /// LPIs from 8192).</summary>
    private static void Numbers(TextWriter output, Irqs irqs)
    {
        output.WriteLine("   IRQ      HWIRQ      COUNT CHIP                        DEVICE        HANDLERS");
        foreach (Irq irq in irqs.All.Where(i => i.Actions.Count > 0))
            output.WriteLine(
                $"{irq.Number,6} {irq.HardwareIrq,10} " +
                $"{irq.Count?.ToString() ?? "?",10} {Printable.Escape(irq.Chip ?? ""),-27} {Printable.Escape(irq.Device ?? ""),-13} " +
                $"{Printable.Escape(string.Join(", ", irq.Actions))}{(irq.Managed ? " (managed)" : "")}");
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        Irqs irqs = vmcore.Irqs.Need(vmcore.Dump.Name, "interrupts");
        UnreadText.Json(output, vmcore, "kdt.vmcore.irq/1", json =>
        {
            if (irqs.Matrix.Value is { } matrix)
            {
                json.WriteStartObject("vectors");
                json.WriteNumber("first", matrix.First);
                json.WriteNumber("end", matrix.End);
                json.WriteNumber("allocated", matrix.TotalAllocated);
                json.WriteNumber("available", matrix.GlobalAvailable);
                json.WriteNumber("reserved", matrix.GlobalReserved);
                json.WriteEndObject();
                json.WriteStartArray("cpus");
                foreach (VectorUse use in matrix.Cpus)
                {
                    json.WriteStartObject();
                    json.WriteNumber("cpu", use.Cpu);
                    json.WriteBoolean("online", use.Online);
                    json.WriteNumber("allocated", use.Allocated);
                    json.WriteNumber("available", use.Available);
                    json.WriteNumber("managed", use.Managed);
                    json.WriteNumber("managedAllocated", use.ManagedAllocated);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
            else
                json.WriteString("vectorsMissing", irqs.Matrix.Status);
            json.WriteStartArray("irqs");
            foreach (Irq irq in irqs.All)
            {
                json.WriteStartObject();
                json.WriteNumber("number", irq.Number);
                json.WriteString("chip", irq.Chip);
                json.WriteString("domain", irq.Domain);
                json.WriteNumber("hwirq", irq.HardwareIrq);
                json.WriteString("device", irq.Device);
                json.WriteStartArray("actions");
                foreach (string action in irq.Actions)
                    json.WriteStringValue(action);
                json.WriteEndArray();
                if (irq.Vector is int vector)
                    json.WriteNumber("vector", vector);
                if (irq.Cpu is int cpu)
                    json.WriteNumber("cpu", cpu);
                json.WriteBoolean("managed", irq.Managed);
                json.WriteBoolean("reserved", irq.Reserved);
                if (irq.Count is ulong count)
                    json.WriteNumber("count", count);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            UnreadText.Lost(json, vmcore, irqs.Damages);
        });
    }
}
