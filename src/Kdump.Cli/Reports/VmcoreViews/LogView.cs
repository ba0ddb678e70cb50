using System.Buffers;
using System.Globalization;
using System.Text;
using Kdump.Cli.Terminals;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
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

    /// <summary>crash's log -T, -t and -m: other words before each line than its time stamp.</summary>
    /// <param name="wall">The time of day, in UTC; it is counted from the kernel's clock at the crash.</param>
    /// <param name="bare">No time at all.</param>
    /// <param name="level">The level, in angle brackets.</param>
    /// <exception cref="InputException">The kernel keeps no records, or its clock cannot be read.</exception>
    public static void Text(Context context, Vmcore vmcore, bool wall, bool bare, bool level)
    {
        PrintkLog log = vmcore.Log.Need(vmcore.Dump.Name, "log");
        if (log.Form == "text")
            throw new InputException(vmcore.Dump.Name, "log", -1,
                "this kernel keeps its log as plain text: without options it is shown as it is");
        Timekeeper? clock = wall ? Timekeeper.Read(vmcore) : null;
        ArrayBufferWriter<byte> output = new(1 << 16);
        foreach (PrintkRecord record in log.Records)
        {
            // printk's clock is that of the scheduler, which follows the monotonic one.
            string time;
            if (bare)
                time = "";
            else if (clock is null)
                time = string.Create(CultureInfo.InvariantCulture,
                    $"[{record.Nanoseconds / 1_000_000_000,5}.{record.Nanoseconds % 1_000_000_000 / 1000:D6}] ");
            else
                time = $"[{TimeOfDay(clock, record)}] ";
            record.Print(output, Encoding.ASCII.GetBytes((level ? $"<{record.Level}>" : "") + time));
        }
        context.Output.Write(Encoding.UTF8.GetString(output.WrittenSpan));
        UnreadText.Lost(vmcore, log.Damages);
    }

    private static string TimeOfDay(Timekeeper clock, PrintkRecord record)
    {
        // Both are nanoseconds of one uptime; a damaged record may claim any.
        long ago = (long)Math.Min(clock.Monotonic / 100, int.MaxValue * 10_000L) - (long)Math.Min(record.Nanoseconds / 100,
            int.MaxValue * 10_000L);
        return DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(clock.RealSeconds, 1L << 27, 1L << 35)).AddTicks(-ago)
            .ToString("ddd MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture);
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
