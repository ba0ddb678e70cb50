using Kdump.Cli.Terminals;
using Kdump.Kernel;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore log</c>.</summary>
internal static class LogView
{
    public static void Text(Context context, Vmcore vmcore, bool caller)
    {
        PrintkLog log = vmcore.Log.Need(vmcore.Dump.Name, "log");
        if (context.Output is StreamWriter output)
        {
            // Write the bytes unchanged: a log may mix encodings.
            output.Flush();
            log.Print(output.BaseStream, caller);
        }
        else
        {
            context.Output.Write(log.Text(caller));
        }
        UnreadText.Lost(vmcore, log.Damages);
    }

    public static void Json(TextWriter output, Vmcore vmcore)
    {
        PrintkLog log = vmcore.Log.Need(vmcore.Dump.Name, "log");
        UnreadText.Json(output, vmcore, "kdt.vmcore.log/1", json =>
        {
            json.WriteString("form", log.Form);
            UnreadText.Lost(json, vmcore, log.Damages);
            json.WriteStartArray("records");
            foreach (PrintkRecord record in log.Records)
            {
                json.WriteStartObject();
                json.WriteNumber("sequence", record.Sequence);
                json.WriteNumber("nanoseconds", record.Nanoseconds);
                json.WriteNumber("level", record.Level);
                if (record.CallerId is uint caller)
                    json.WriteString("caller", (caller >> 31) != 0 ? $"C{caller & 0x7fffffff}" : $"T{caller}");
                if (record.Device is not null)
                    json.WriteString("device", record.Device);
                json.WriteString("text", record.Text);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }
}
