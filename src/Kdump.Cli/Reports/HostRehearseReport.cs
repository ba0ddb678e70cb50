using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Sources.Rehearsals;

namespace Kdump.Cli.Reports;

/// <summary>What <c>kdt host rehearse</c> prints.</summary>
internal static class HostRehearseReport
{
    public static void Plan(TextWriter output, RehearsalPlan plan, Words words)
    {
        output.WriteLine(Printable.Escape(words.Of($"image    {plan.Image}")));
        output.WriteLine(Printable.Escape(words.Of($"kernel   {plan.Kernel}")));
        output.WriteLine(Printable.Escape(words.Of(
            $"reserved {plan.ReservedMegabytes} MB, {Counted.Of(plan.Cpus, "CPU")}, {(plan.Kvm ? "KVM" : "emulated (TCG)")}")));
        output.WriteLine(Printable.Escape(words.Of($"options  {plan.CommandLine}")));
        if (plan.Devices.Count > 0)
            output.WriteLine(words.Of($"devices  {plan.Devices.Count} more, as the machine has them"));
        if (plan.Raw is { } raw)
            output.WriteLine(Printable.Escape(words.Of($"target   {plan.Target?.Spec}: a scratch disk behind {raw.Controller}")));
        if (plan.Network is { } network)
            output.WriteLine(Printable.Escape(words.Of($"target   {network.Words}")));
        if (plan.FileSystem.Length > 0)
            output.WriteLine(Printable.Escape(words.Of($"target   {plan.Target?.Spec}: a scratch {plan.FileSystem} on {plan.Controller}" +
                (plan.PlaysRoot ? ", with a substitute root whose init runs makedumpfile" : ""))));
        output.WriteLine();
        output.Flush();
    }

    /// <param name="foretold">What <c>kdt host check</c> finds in the same image and machine, without a boot.</param>
    public static void End(TextWriter output, RehearsalPlan plan, RehearsalEnd end, Verdict verdict, Finding[] foretold,
        Terminal terminal)
    {
        string headline;
        if (end.Reached == "dump")
        {
            string which = end.Dump switch
            {
                null => "",
                { Trouble.Length: > 0 } broken => $"; it cannot be opened: {broken.Trouble}",
                { } dump => $": {dump.Path}, {dump.Bytes / 1e6:0.0} MB, of {dump.Release}",
            };
            headline = $"the rehearsal wrote a dump, after {end.Seconds:0} s of {(plan.Kvm ? "KVM" : "emulation")}{which}";
        }
        else if (end.Heard.Length > 0)
            headline = $"the crash kernel reached {plan.Network?.Words}, after {end.Seconds:0} s of {(plan.Kvm ? "KVM" : "emulation")} " +
                $"(it sent {end.Heard}); whether the server takes the dump is not shown";
        else
            headline = $"the rehearsal stopped: {Stop(end)}{(end.TimedOut ? "; given up" : "")} after {end.Seconds:0} s";
        Words words = terminal.Words;
        output.WriteLine(Printable.Escape(words.Of(headline)));
        if (end.Memory is { } memory)
            output.WriteLine(words.Of($"of {plan.ReservedMegabytes} MB {memory.PeakBytes((long)plan.ReservedMegabytes << 20) >> 20} MB " +
                "were in use at the peak after the image was unpacked"));
        output.WriteLine();
        if (!end.Shown(plan))
        {
            new ScreenText(output, terminal).Write(verdict);
            output.WriteLine();
            foreach (string line in Last(end.Console))
                output.WriteLine("   | " + Printable.Escape(line));
            output.WriteLine();
        }
        if (foretold.Length > 0)
        {
            output.WriteLine(words.Of("kdt host check found before the boot:"));
            foreach (Finding f in foretold)
                output.WriteLine(Printable.Escape("- " + words.Of($"{VerdictJson.NameOf(f.Severity)}: ") +
                    $"{words.Of(f.Id, f.Title)} [{f.Id}]"));
            output.WriteLine();
        }
        output.WriteLine(words.Of("a rehearsal cannot show:"));
        foreach (string not in plan.NotShown)
            output.WriteLine(Printable.Escape($"- {words.Of(not)}"));
    }

    public static void Json(TextWriter output, RehearsalPlan plan, RehearsalEnd end, Verdict verdict, Finding[] foretold) =>
        JsonText.Write(output, "kdt.host.rehearse/1", json =>
        {
            json.WriteString("reached", end.Reached);
            json.WriteBoolean("dumpSaved", end.Reached == "dump");
            json.WriteNumber("seconds", Math.Round(end.Seconds, 1));
            json.WriteString("accelerator", plan.Kvm ? "kvm" : "tcg");
            if (end.Dump is { } dump)
            {
                json.WriteStartObject("dump");
                json.WriteString("path", dump.Path);
                json.WriteNumber("bytes", dump.Bytes);
                json.WriteBoolean("opens", dump.Trouble.Length == 0);
                json.WriteString("kernel", dump.Release.Length > 0 ? dump.Release : null);
                json.WriteEndObject();
            }
            else
                json.WriteNull("dump");
            if (end.Memory is { } memory)
            {
                json.WriteNumber("peakBytes", memory.PeakBytes((long)plan.ReservedMegabytes << 20));
                json.WriteNumber("leastAvailableBytes", memory.LeastBytes);
            }
            else
                json.WriteNull("peakBytes");
            json.WriteString("kernel", plan.Release.Length > 0 ? plan.Release : null);
            json.WriteString("imageSha256", plan.ImageHash.Length > 0 ? plan.ImageHash : null);
            json.WriteString("target", plan.Target?.Spec);
            json.WriteNumber("devices", plan.Devices.Count);
            json.WriteString("heard", end.Heard.Length > 0 ? end.Heard : null);
            json.WriteBoolean("timedOut", end.TimedOut);
            json.WriteNumber("reservedMegabytes", plan.ReservedMegabytes);
            json.WriteString("commandLine", plan.CommandLine);
            json.WriteStartArray("notShown");
            foreach (string not in plan.NotShown)
                json.WriteStringValue(not);
            json.WriteEndArray();
            json.WriteStartArray("foretold");
            foreach (Finding f in foretold)
            {
                json.WriteStartObject();
                json.WriteString("id", f.Id);
                json.WriteString("severity", VerdictJson.NameOf(f.Severity));
                json.WriteString("title", f.Title);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            VerdictJson.Write(json, "verdict", verdict);
        });

    private static string Stop(RehearsalEnd end) => end.Reached switch
    {
        "nothing" => end.Console.Contains(RehearsalPrograms.Mark + "kexec_file_load refused", StringComparison.Ordinal)
            ? "the kernel refused to load the crash kernel: kernel and image do not fit into the reservation, or loading is not permitted"
            : "the crash kernel was not loaded",
        "loaded" => "the crash kernel was loaded but printed nothing",
        "crash kernel" => "the crash kernel ran but did not reach its dump target",
        _ => "the dump target was reached but no dump was written",
    };

    private static IEnumerable<string> Last(string console) =>
        console.Split('\n').Where(l => l.Trim().Length > 0).TakeLast(8);
}
