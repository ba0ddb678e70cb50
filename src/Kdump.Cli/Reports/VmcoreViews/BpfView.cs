using System.Globalization;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore bpf</c>: programs and maps.</summary>
internal static class BpfView
{
    public static void Text(Context context, Vmcore vmcore)
    {
        BpfObjects all = new(vmcore);
        TextWriter output = context.Output;
        foreach (BpfProgram p in all.Programs)
            output.WriteLine($"prog {p.Id,5} {p.Type,-18} {Printable.Escape(p.Name),-16} tag {p.Tag} {p.Instructions} instructions, " +
                (p.Jited ? $"{Counted.Of(p.JitedBytes, "byte")} jited" : "interpreted") + (p.User is { } uid ? $", uid {uid}" : "") +
                $", loaded at {(p.LoadedAt / 1e9).ToString("0.000", CultureInfo.InvariantCulture)} s" +
                (p.Maps.Count > 0 ? $", maps {string.Join(' ', p.Maps)}" : ""));
        foreach (BpfMap m in all.Maps)
            output.WriteLine(
                $"map  {m.Id,5} {m.Type,-18} {Printable.Escape(m.Name),-16} key {m.KeyBytes} value {Counted.Of(m.ValueBytes, "byte")}, " +
                $"at most {m.MaxEntries} entries  {m.Address}");
        UnreadText.Lost(vmcore, all.Damages);
        if (all.Programs.Count + all.Maps.Count == 0)
            output.WriteLine(UnreadText.None(vmcore, "no BPF programs or maps"));
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        BpfObjects all = new(vmcore);
        UnreadText.Json(output, vmcore, "kdt.vmcore.bpf/1", json =>
        {
            json.WriteStartArray("programs");
            foreach (BpfProgram p in all.Programs)
            {
                json.WriteStartObject();
                json.WriteNumber("id", p.Id);
                json.WriteString("name", p.Name);
                json.WriteString("type", p.Type);
                json.WriteString("tag", p.Tag);
                json.WriteNumber("instructions", p.Instructions);
                json.WriteBoolean("jited", p.Jited);
                json.WriteNumber("jitedBytes", p.JitedBytes);
                json.WriteNumber("loadedAt", p.LoadedAt);
                if (p.User is { } uid)
                    json.WriteNumber("uid", uid);
                json.WriteStartArray("maps");
                foreach (uint id in p.Maps)
                    json.WriteNumberValue(id);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("maps");
            foreach (BpfMap m in all.Maps)
            {
                json.WriteStartObject();
                json.WriteNumber("id", m.Id);
                json.WriteString("name", m.Name);
                json.WriteString("type", m.Type);
                json.WriteNumber("keyBytes", m.KeyBytes);
                json.WriteNumber("valueBytes", m.ValueBytes);
                json.WriteNumber("maxEntries", m.MaxEntries);
                json.WriteString("address", m.Address.ToString());
                json.WriteEndObject();
            }
            json.WriteEndArray();
            UnreadText.Lost(json, vmcore, all.Damages);
        });
    }
}
