using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Memory;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Sources.Trees;

namespace Kdump.Cli.Reports;

/// <summary>What <c>kdt host memory</c> prints.</summary>
internal static class HostMemoryReport
{
    public static void Text(TextWriter output, MachineTree root, MemoryOutlook outlook, Verdict verdict, Terminal terminal)
    {
        MemoryForecast forecast = outlook.Forecast;
        Words words = terminal.Words;
        string image = outlook.Image.Length > 0 ? outlook.Image
            : words.Of("no image: typical sizes are assumed (give the image with --image)");
        Line("", $"{root.Name}; {image}; {words.Of(Counted.Of(forecast.Inputs.Cpus, "CPU"))}, " +
            words.Of($"{forecast.Inputs.Ram >> 30} GB to dump"));
        output.WriteLine();
        output.WriteLine(words.Of("   low  likely    high  MB"));
        foreach (MemoryItem item in forecast.Items)
            Line($"{Mb(item.Bytes)}  ", $"{words.Of(item.Name)}{words.Of(When(item.Phase))}  ({words.Of(item.Reason)})");
        Line($"{Mb(forecast.Unpacking)}  ", words.Of("to unpack the image" + (forecast.Inputs.RootPercent < 100
            ? $", whose root file system may use {forecast.Inputs.RootPercent} % of the remaining memory" : "")));
        output.WriteLine($"{Mb(forecast.Needed)}  {words.Of("needed, page structs included")}");
        output.WriteLine();
        string enough = outlook.Enough switch { true => "enough", false => "too little", null => "may be enough (between low and high)" };
        output.WriteLine(words.Of(outlook.Reserved < 0 ? "reserved: not known" : $"reserved {outlook.Reserved >> 20} MB: {enough}"));
        foreach (MemoryAdvice advice in outlook.Advice)
            Line("", words.Of($"{advice.Who} recommends {advice.Bytes >> 20} MB ({advice.Reason})"));
        foreach (MemoryItem item in forecast.Items.Where(i => i.LeaveOut.Length > 0 && i.Bytes.Likely >= 4 << 20))
            Line("", words.Of($"leave out {item.LeaveOut}: it uses {item.Bytes.Likely >> 20} MB and the dump target does not need it"));
        output.WriteLine();
        new ScreenText(output, terminal).Write(verdict);

        // On a terminal a long line goes on below its words, not below its numbers.
        void Line(string numbers, string text)
        {
            if (terminal.Screen)
                Prose.Sentence(output, terminal, numbers, text);
            else
                output.WriteLine(Printable.Escape(numbers + text));
        }
    }

    public static void Json(TextWriter output, MemoryOutlook outlook, Verdict verdict) =>
        JsonText.Write(output, "kdt.host.memory/1", json =>
        {
            if (outlook.Reserved >= 0)
                json.WriteNumber("reservedBytes", outlook.Reserved);
            else
                json.WriteNull("reservedBytes");
            json.WriteString("image", outlook.Image.Length > 0 ? outlook.Image : null);
            json.WriteStartArray("items");
            foreach (MemoryItem item in outlook.Forecast.Items)
            {
                json.WriteStartObject();
                json.WriteString("name", item.Name);
                json.WriteString("phase", item.Phase switch { MemoryPhase.Always => "always", MemoryPhase.Unpacking => "unpacking",
                    _ => "dumping" });
                json.WriteNumber("lowBytes", item.Bytes.Low);
                json.WriteNumber("likelyBytes", item.Bytes.Likely);
                json.WriteNumber("highBytes", item.Bytes.High);
                json.WriteString("source", item.Reason);
                if (item.LeaveOut.Length > 0)
                    json.WriteString("leaveOut", item.LeaveOut);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            Write("neededBytes", outlook.Forecast.Needed);
            Write("unpackingBytes", outlook.Forecast.Unpacking);
            if (outlook.Enough is { } enough)
                json.WriteBoolean("enough", enough);
            else
                json.WriteNull("enough");
            json.WriteStartArray("others");
            foreach (MemoryAdvice advice in outlook.Advice)
            {
                json.WriteStartObject();
                json.WriteString("who", advice.Who);
                json.WriteNumber("bytes", advice.Bytes);
                json.WriteString("reason", advice.Reason);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            VerdictJson.Write(json, "verdict", verdict);

            void Write(string name, MemoryRange range)
            {
                json.WriteStartObject(name);
                json.WriteNumber("low", range.Low);
                json.WriteNumber("likely", range.Likely);
                json.WriteNumber("high", range.High);
                json.WriteEndObject();
            }
        });

    private static string When(MemoryPhase phase) => phase switch { MemoryPhase.Unpacking => ", while it is unpacked", _ => "" };

    private static string Mb(MemoryRange range) => $"{M(range.Low),6}{M(range.Likely),8}{M(range.High),8}";

    private static string M(long bytes) => bytes is > 0 and < 10 << 20 ? $"{bytes / (double)(1 << 20):0.0}" : $"{bytes >> 20}";
}
