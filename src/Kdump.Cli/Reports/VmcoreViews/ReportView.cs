using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Memory;
using Kdump.Kernel.Views;

namespace Kdump.Cli.Reports.VmcoreViews;

/// <summary><c>kdt vmcore report</c>: one page with what matters first for this kind of crash.</summary>
internal static class ReportView
{
    /// <summary>Number of lines of each section that are shown before any section shows more.</summary>
    private const int Foremost = 3;

    /// <summary>The sections for each kind of crash, in order.</summary>
    private static readonly Dictionary<CrashKind, Func<Vmcore, ReportSection>[]> Sections = new()
    {
        [CrashKind.Fault] = [ReportSections.Fault, ReportSections.Stack, ReportSections.Alarms],
        [CrashKind.Hang] =
            [ReportSections.Alarms, ReportSections.Locks, ReportSections.Blocked, ReportSections.Requests, ReportSections.Cpus],
        [CrashKind.Lockup] = [ReportSections.Alarms, ReportSections.Cpus, ReportSections.Stack, ReportSections.LateTimers,
            ReportSections.Locks],
        [CrashKind.OutOfMemory] = [ReportSections.Memory, ReportSections.Alarms, ReportSections.Stack, ReportSections.Blocked],
        [CrashKind.Panic] = [ReportSections.Stack, ReportSections.Alarms, ReportSections.Cpus, ReportSections.Blocked],
        [CrashKind.Running] =
            [ReportSections.Alarms, ReportSections.Locks, ReportSections.Blocked, ReportSections.Requests, ReportSections.Cpus,
                ReportSections.LateTimers],
    };

    public static void Text(Context context, Vmcore vmcore)
    {
        TextWriter output = context.Output;
        Words words = context.Terminal.Words;
        foreach (string line in Head(vmcore))
            output.WriteLine(Printable.Escape(words.Of(line)));
        foreach (ReportSection section in Read(vmcore))
        {
            if (section.Lines.Count == 0)
                continue;
            output.WriteLine();
            output.WriteLine($"{words.Of(section.Title)}{(section.More is null ? "" : $"   (kdt vmcore {section.More})")}");
            foreach (string line in section.Lines)
                output.WriteLine($"  {Printable.Escape(words.Of(line))}");
        }
    }

    /// <summary>Prints one screen of it: the reason first, the first lines of each section, and more if there is room.</summary>
    public static void Screen(Context context, Vmcore vmcore)
    {
        var page = new ScreenPage(context.Terminal);
        Words words = context.Terminal.Words;
        string[] head = [.. Head(vmcore).Select(words.Of)];
        ScreenPart reason = page.Part(0), about = page.Part(2);
        // The reason comes first, the line about the machine after it.
        foreach (string line in head.Skip(1).Take(1))
            reason.Sentence("", line, "1", 3);
        foreach (string line in head.Take(1).Concat(head.Skip(2)))
            about.Cut(line, 1);
        List<ScreenPart> parts = [reason, about];
        int rank = 3;
        foreach (ReportSection section in Read(vmcore).Where(s => s.Lines.Count > 0))
        {
            ScreenPart first = page.Part(rank++, gap: true), rest = page.Part(20 + rank);
            first.Cut($"{words.Of(section.Title)}{(section.More is null ? "" : $"   (kdt vmcore {section.More})")}", 1, "1");
            for (int i = 0; i < section.Lines.Count; i++)
                (i < Foremost ? first : rest).Cut($"  {words.Of(section.Lines[i])}", 2);
            parts.AddRange([first, rest]);
        }
        page.Write(context.Output, () => parts.Sum(p => p.Count - p.Shown) is > 0 and var lines
            ? words.Of("-v adds ") + words.Of(Counted.Of(lines, "line")) : null);
    }

    /// <param name="verdict">What <c>kdt explain</c> says of the dump.</param>
    public static void Html(StringWriter html, Vmcore vmcore, Verdict verdict, Facts facts, Words words)
    {
        string[] head = [.. Head(vmcore).Select(words.Of)];
        PageFrame.Begin(html, head[1], words);
        PageFrame.Header(html, "kdt vmcore report", head[1], [(words.Of("machine"), head[0]), (words.Of("dump"), vmcore.Dump.Name),
            (words.Of("when"), (vmcore.CrashTime ?? new SystemState(vmcore).Time.Value?.RealSeconds) is { } time
                ? UtcTime.Second(time) : null),
            .. head.Skip(2).Select(line => (words.Of("also"), (string?)line))], findings: verdict.Findings.Count > 0, words);
        FindingHtml findings = VerdictHtml.Write(html, verdict, 1, "kdt explain -v", words, () => SectionsHtml(html, vmcore, words));
        facts.AddRange(Functions(vmcore));
        new MachineHtml(html, facts, verdict, findings).Write();
        PageFrame.End(html);
    }

    private static void SectionsHtml(StringWriter html, Vmcore vmcore, Words words)
    {
        foreach (ReportSection section in Read(vmcore).Where(s => s.Lines.Count > 0))
        {
            html.Write($"<h2>{PageFrame.Text(words.Of(section.Title))}</h2>\n<ul class=\"evidence\">\n" +
                string.Concat(section.Lines.Select(line => $"<li>{PageFrame.Text(words.Of(line))}</li>\n")) + "</ul>\n");
            if (section.More is { } more)
                html.Write($"<p class=\"mind\">{words.Of("All of it:")}</p><div class=\"command\"><pre>kdt vmcore {PageFrame.Text(more)} " +
                    $"{PageFrame.Text(ShellWord.Path(vmcore.Dump.Name))}</pre></div>\n");
        }
    }

    /// <summary>The devices of the crashed kernel, each with the bus that is behind it.</summary>
    private static List<LspciFunction> Functions(Vmcore vmcore)
    {
        var functions = new List<LspciFunction>();
        IReadOnlyList<PciDevice> devices = vmcore.Devices.Value?.All ?? [];
        foreach (PciDevice device in devices)
        {
            if (PciAddress.TryParse(device.Bdf, out PciAddress address))
                functions.Add(new LspciFunction(new Source(vmcore.Dump.Name, ""), address)
                {
                    Class = $"{device.Class >> 8:x4}", Name = $"{device.Vendor:x4}:{device.Device:x4}", Driver = device.Driver,
                });
        }
        foreach (PciDevice device in devices.Where(d => d.ParentBridge is not null))
        {
            if (PciAddress.TryParse(device.Bdf, out PciAddress below) &&
                functions.Find(f => f.Address.ToString() == device.ParentBridge) is { } bridge)
                bridge.Secondary ??= below.Bus;
        }
        return functions;
    }

    public static void Json(TextWriter output, Vmcore vmcore) => UnreadText.Json(output, vmcore, "kdt.vmcore.report/1", json =>
    {
        json.WriteString("kind", HowIsKnown(vmcore) ? Name(CrashKinds.Of(vmcore.Crash)) : "unknown");
        json.WriteString("panic", vmcore.Crash.Panic);
        json.WriteStartArray("head");
        foreach (string line in Head(vmcore))
            json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteStartArray("sections");
        foreach (ReportSection section in Read(vmcore))
        {
            json.WriteStartObject();
            json.WriteString("title", section.Title);
            json.WriteString("command", section.More is null ? null : $"kdt vmcore {section.More}");
            json.WriteStartArray("lines");
            foreach (string line in section.Lines)
                json.WriteStringValue(line);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    /// <summary>The kernel calls a machine (none) until a program names it.</summary>
    private static string? Named(string? host) => host is null or "" or "(none)" ? null : host;

    private static IEnumerable<string> Head(Vmcore vmcore)
    {
        SystemState system = new(vmcore);
        Crash crash = vmcore.Crash;
        CrashKind kind = CrashKinds.Of(crash);
        string host = Named(system.Name.Value?.Node) ?? Named(vmcore.Dump.Info.NodeName) ?? "unknown host";
        yield return $"{host}: Linux {vmcore.Release ?? "unknown"}" +
            (system.Time.Value is { } time ? $", up {SystemView.Duration(time.Boot / 1_000_000_000)}" : "") +
            (vmcore.PerCpu.Value is { } cpus ? $", {Counted.Of(cpus.Ran.Count, "CPU")}" : "") +
            (system.Memory is { } bytes ? $", {bytes >> 20} MiB" : "") +
            (system.LoadAverage is { } load ? FormattableString.Invariant($", load {load[0]:0.00} {load[1]:0.00} {load[2]:0.00}") : "");
        yield return kind switch
        {
            CrashKind.Running => HowIsKnown(vmcore)
                ? "the kernel had not crashed: the dump was taken from outside (for example by a hypervisor)"
                : $"cannot determine whether and why it crashed: its log cannot be read{(vmcore.Log.Value is null ? "" : " completely")}",
            _ => $"{Name(kind)}: {crash.Panic ?? "the log gives no reason"}",
        };
        if (crash.Then is { } then)
            yield return $"then: {then}";
        if (crash.Cpu is int cpu)
            yield return $"on CPU {cpu}{(crash.Task is { } task ? $", {task.Comm} ({task.Pid})" : "")}";
        foreach ((string name, string status, _) in vmcore.Layers)
            if (status != "ok")
                yield return $"{name} cannot be read ({status}): sections that need it are missing";
    }

    /// <summary>
    /// True if it is known whether the kernel crashed: a crash was found, or panic_cpu or the complete log shows that there was
    /// none.
    /// </summary>
    private static bool HowIsKnown(Vmcore vmcore)
    {
        if (CrashKinds.Of(vmcore.Crash) != CrashKind.Running || vmcore.Crash.Running == true)
            return true;
        using Unread log = vmcore.Unread.Begin();
        return vmcore.Log.Value is not null && !log.Any;
    }

    private static List<ReportSection> Read(Vmcore vmcore)
    {
        List<ReportSection> all = [];
        // What several sections need and cannot have is told once, behind them.
        List<string> missing = [];
        foreach (Func<Vmcore, ReportSection> section in Sections[CrashKinds.Of(vmcore.Crash)])
        {
            try
            {
                all.Add(section(vmcore));
            }
            catch (InputException e)
            {
                missing.Add($"{e.Field}: {e.Reason}");
            }
            catch (Exception e) when (Fault.Is(e))
            {
                Fault fault = Fault.Of("a section of the report", e);
                vmcore.Unread.Current.Add([new Damage(vmcore.Dump.Name, "report", -1, $"kdt has a fault ({fault.Source.Text})")]);
                missing.Add($"kdt has a fault: {fault.Source.Text}");
            }
        }
        if (missing.Count > 0)
            all.Add(new ReportSection("not readable", [.. missing.Distinct()], null));
        return all;
    }

    private static string Name(CrashKind kind) => kind switch
    {
        CrashKind.Fault => "fault",
        CrashKind.Hang => "hang",
        CrashKind.Lockup => "lockup",
        CrashKind.OutOfMemory => "out of memory",
        CrashKind.Panic => "panic",
        _ => "running",
    };
}
