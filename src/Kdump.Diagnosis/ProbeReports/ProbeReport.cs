using System.Text;
using System.Text.Json;
using Kdump.Diagnosis.Evidence.DumpSetup;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.ProbeReports;

/// <summary>
/// The report of kdump-probe: facts, one a line, for a console or log from which <see cref="ProbeReportReader"/> gets them back, or
/// as JSON. A line is <c>kdump-probe: KIND key=value …</c>; each line is complete in itself, so a lost, repeated or interleaved
/// line harms no other; a checksum at its end shows whether it arrived whole. Each kind of fact is defined once, in
/// <see cref="Kinds"/>, for both directions.
/// </summary>
public static class ProbeReport
{
    public const string Schema = "kdump-probe.report/1";

    /// <summary>
    /// A write to /dev/kmsg beyond some 976 bytes fails (kernel/printk/printk.c devkmsg_write); this limit is smaller, so that it
    /// holds on every kernel.
    /// </summary>
    public const int MaxLine = 890;

    internal static readonly Kind[] Kinds =
    [
        new Kind<KernelState>("kernel", "kernel",
            (f, v) => new(f.Source(v?.Source), f.Text("release", v?.Release), f.Text("cmdline", v?.CommandLine),
            f.Flag("capture", v?.Capture), f.Flag("vmcore", v?.Vmcore) == true, Nullable(f.Number("nr_cpus", v?.NrCpus)),
                Nullable(f.Number("maxcpus", v?.MaxCpus)),
            f.Int("possible", v?.Possible), f.Int("online", v?.Online), f.Int("uptime", v?.UptimeSeconds))),
        new Kind<DumpTarget>("target", "target",
            (f, v) => new(f.Source(v?.Source), DumpTarget.KindOf(f.Text("kind", v is null ? null : DumpTarget.NameOf(v.Kind))),
            f.Text("spec", v?.Spec), f.Text("fs", v?.FileSystem), f.Text("path", v?.Path))),
        new Kind<TargetState>("state", "target",
            (f, v) => new(f.Source(v?.Source), f.Text("spec", v?.Spec), f.Text("device", v?.Path), f.Text("node", v?.Node),
            f.Flag("certain", v?.Certain) == true)),
        new Kind<DeviceWait>("wait", "target", (f, v) => new(f.Source(v?.Source), f.Text("device", v?.Device), f.Int("seconds", v?.Seconds),
            Nullable(f.Number("limit", v?.Limit)), f.Flag("gaveup", v?.GaveUp) == true)),
        new Kind<KdumpSetting>("setting", "target", (f, v) => new(f.Source(v?.Source), f.Text("name", v?.Name), f.Text("value", v?.Value))),
        new Kind<NoDumpSaver>("nosaver", "target", (f, v) => new(f.Source(v?.Source), f.Int("searched", v?.Searched))),
        new Kind<KdumpConfProblem>("confproblem", "target", (f, v) => new(f.Source(v?.Source), f.Text("problem", v?.Problem))),
        new Kind<PciFunction>("pci", "devices",
            (f, v) => new(f.Source(v?.Source), f.Text("bdf", v?.Address), f.Int("class", v?.Class), f.Int("vendor", v?.Vendor),
            f.Int("device", v?.Device), f.Text("name", v?.Name), f.Text("driver", v?.Driver), f.Optional("modules", v?.Modules),
                f.Int("numa", v?.NumaNode),
            f.Text("power", v?.Power), f.Int("msi", v?.Msi), f.Text("msikind", v?.MsiKind), f.Int("vfs", v?.VirtualFunctions),
            f.Flag("vf", v?.IsVirtualFunction) == true, f.Flag("enabled", v?.Enabled) == true)),
        new Kind<BusDevice>("device", "devices",
            (f, v) => new(f.Source(v?.Source), f.Text("bus", v?.Bus), f.Text("name", v?.Name), f.Text("driver", v?.Driver),
            f.Text("pci", v?.Pci), f.Text("state", v?.State), f.Optional("modules", v?.Modules))),
        new Kind<BlockDevice>("block", "devices",
            (f, v) => new(f.Source(v?.Source), f.Text("name", v?.Name), f.Long("bytes", v?.Bytes), f.Text("disk", v?.Disk),
            f.Text("chain", v?.Chain), f.Text("uuid", v?.FsUuid), f.Text("label", v?.FsLabel), f.Text("partuuid", v?.PartUuid),
                f.Text("dm", v?.MappedName))),
        new Kind<DeferredProbe>("deferred", "devices",
            (f, v) => new(f.Source(v?.Source), f.Text("device", v?.Device), f.Text("reason", v?.Reason))),
        new Kind<VectorDomain>("vectordomain", "vectors",
            (f, v) => new(f.Source(v?.Source), f.Int("cpus", v?.Cpus), f.Int("available", v?.Available), f.Int("allocated", v?.Allocated))
        {
            Reserved = f.Int("reserved", v?.Reserved),
            ManagedIdle = f.Int("managedidle", v?.ManagedIdle),
        }),
        new Kind<VectorSummary>("vectors", "vectors",
            (f, v) => new(f.Source(v?.Source), f.Int("cpus", v?.Cpus), f.Int("shown", v?.Shown), f.Int("held", v?.Held),
            f.Int("percpu", v?.PerCpu), f.Text("owners", v?.Owners))),
        new Kind<VectorPrediction>("vectorforecast", "vectors",
            (f, v) => new(f.Source(v?.Source), f.Int("cpus", v?.Cpus), f.Text("device", v?.Device), f.Text("driver", v?.Driver),
            f.Int("low", v?.Low), f.Int("likely", v?.Likely), f.Int("high", v?.High), f.Int("shown", v?.Shown))
        {
            Available = f.Int("available", v?.Available),
            Refused = f.Flag("refused", v?.Refused) == true,
        }),
        new Kind<VectorOutcome>("vectoroutcome", "vectors",
            (f, v) => new(f.Source(v?.Source), f.Int("cpus", v?.Cpus), f.Text("device", v?.Device), f.Text("driver", v?.Driver),
            f.Int("likely", v?.Likely), f.Int("most", v?.Most), f.Int("real", v?.Real))
        {
            Short = f.Int("short", v?.Short),
            Refused = f.Flag("refused", v?.Refused) == true,
        }),
        new Kind<InterruptDescriptors>("irqs", "vectors",
            (f, v) => new(f.Source(v?.Source), f.Int("total", v?.Total), f.Int("requested", v?.Requested))),
        new Kind<MemoryState>("memory", "memory",
            (f, v) => new(f.Source(v?.Source), f.Long("total", v?.Total), f.Long("free", v?.Free), f.Long("available", v?.Available),
            f.Long("shmem", v?.Shmem), f.Long("slab", v?.Slab), f.Long("percpu", v?.PerCpu))),
        new Kind<RootfsUse>("rootfs", "memory",
            (f, v) => new(f.Source(v?.Source), f.Text("type", v?.Type), f.Long("bytes", v?.Bytes), f.Long("used", v?.Used))),
        new Kind<PhysicalMemory>("iomem", "memory",
            (f, v) => new(f.Source(v?.Source), f.Long("ram", v?.SystemRam), f.Long("crashkernel", v?.CrashKernel))),
        new Kind<ProcessMemory>("process", "memory",
            (f, v) => new(f.Source(v?.Source), f.Int("pid", v?.Pid), f.Text("command", v?.Command), f.Long("rss", v?.Resident))),
        new Kind<ProbeFailed>("probefailed", "log",
            (f, v) => new(f.Source(v?.Source), f.Text("driver", v?.Driver), f.Text("device", v?.Device), f.Int("errno", v?.Errno))),
        new Kind<DriverError>("drivererror", "log",
            (f, v) => new(f.Source(v?.Source), f.Text("driver", v?.Driver), f.Text("device", v?.Device), f.Int("errno", v?.Errno))),
        new Kind<InterruptRefused>("irqrefused", "log",
            (f, v) => new(f.Source(v?.Source), f.Text("driver", v?.Driver), f.Text("device", v?.Device))),
        new Kind<VectorShortage>("vectorshortage", "log", (f, v) => new(f.Source(v?.Source))),
        new Kind<FirmwareMissing>("firmware", "log",
            (f, v) => new(f.Source(v?.Source), f.Text("driver", v?.Driver), f.Text("device", v?.Device), f.Text("firmware", v?.File),
            f.Int("errno", v?.Errno))),
        new Kind<OutOfMemory>("oom", "log",
            (f, v) => new(f.Source(v?.Source), f.Text("victim", v?.Victim), f.Flag("panic", v?.Panicked) == true)),
        new Kind<AllocationFailure>("allocfailure", "log",
            (f, v) => new(f.Source(v?.Source), f.Text("task", v?.Task), f.Int("order", v?.Order))),
        new Kind<InitramfsUnpackFailed>("unpackfailed", "log", (f, v) => new(f.Source(v?.Source), f.Text("reason", v?.Reason))),
        new Kind<CallFailed>("callfailed", "log",
            (f, v) => new(f.Source(v?.Source), f.Text("function", v?.Function), f.Text("path", v?.Path), f.Number("return", v?.ReturnValue))
        {
            Reasoning = f.Text("reasoning", v?.Reasoning),
        }),
        new Kind<CheckFailed>("checkfailed", "checks",
            (f, v) => new(f.Source(v?.Source), f.Text("check", v?.Check), f.Text("reason", v?.Reason))),
    ];

    public static IEnumerable<string> KindNames => Kinds.Select(k => k.Name);

    private static readonly string[] Sections = ["kernel", "target", "devices", "vectors", "memory", "log", "checks"];

    /// <summary>All facts that have a kind, as lines.</summary>
    /// <param name="most">The most facts of one kind that are written; a line <c>more</c> says how many more there are.</param>
    /// <param name="choose">Chooses the facts that get a line; null for all.</param>
    public static IEnumerable<string> Lines(Facts facts, int most, Func<Fact, bool>? choose = null)
    {
        var line = new StringBuilder();
        foreach (Kind kind in Kinds)
        {
            int told = 0, left = 0;
            foreach (Fact fact in kind.Of(facts))
            {
                if (choose?.Invoke(fact) == false)
                    continue;
                if (told == most)
                {
                    left++;
                    continue;
                }
                told++;
                line.Clear().Append(ProbeMark.Prefix).Append(kind.Name);
                kind.Write(new LineFieldWriter(line), fact);
                yield return Seal(Fit(line.ToString()));
            }
            if (left > 0)
                yield return $"{ProbeMark.Prefix}more kind={kind.Name} count={left}";
        }
    }

    public static void WriteJson(Utf8JsonWriter json, Facts facts)
    {
        var fields = new JsonFieldWriter(json);
        foreach (string section in Sections)
        {
            json.WriteStartObject(section);
            if (section == "kernel")
            {
                // There is one kernel: its fields stand in the section itself.
                foreach (Fact fact in Kinds[0].Of(facts).Take(1))
                    Kinds[0].Write(fields, fact);
                json.WriteEndObject();
                continue;
            }
            foreach (Kind kind in Kinds)
            {
                if (kind.Section != section)
                    continue;
                json.WriteStartArray(kind.Name);
                foreach (Fact fact in kind.Of(facts))
                {
                    json.WriteStartObject();
                    kind.Write(fields, fact);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
    }

    /// <summary>A line of the report back as a fact; null when it is none, is torn, or has a kind that is not known.</summary>
    public static Fact? Read(ReadOnlySpan<char> text)
    {
        int at = text.IndexOf(ProbeMark.Prefix, StringComparison.Ordinal);
        if (at < 0)
            return null;
        ReadOnlySpan<char> rest = text[(at + ProbeMark.Prefix.Length)..];
        int blank = rest.IndexOf(' '), seal = rest.TrimEnd().LastIndexOf(" #", StringComparison.Ordinal);
        if (blank <= 0 || seal < blank || rest[(seal + 2)..].TrimEnd() is not { Length: 4 } sum ||
            !sum.SequenceEqual(Checksum(rest[..seal])))
            return null;
        rest = rest[..seal];
        foreach (Kind kind in Kinds)
        {
            if (rest[..blank].SequenceEqual(kind.Name))
                return LineFieldReader.Parse(rest[blank..]) is { } fields ? kind.Read(fields) : null;
        }
        return null;
    }

    private static int? Nullable(long? number) => number is >= int.MinValue and <= int.MaxValue ? (int)number.Value : null;

    /// <summary>A line that is too long loses whole fields at its end.</summary>
    private static string Fit(string line)
    {
        while (Encoding.UTF8.GetByteCount(line) > MaxLine)
        {
            // The last field begins behind the last blank outside quotes; values hold no bare quote.
            int cut = line[^1] == '"' ? OpeningQuote(line) : line.Length;
            line = line[..line.LastIndexOf(' ', cut - 1)];
        }
        return line;
    }

    /// <summary>Serial consoles lose and mix characters; the checksum shows such lines, which are no evidence.</summary>
    private static string Seal(string line) => $"{line} #{Checksum(line.AsSpan(ProbeMark.Prefix.Length))}";

    /// <summary>FNV-1a, folded to 16 bits.</summary>
    private static string Checksum(ReadOnlySpan<char> text)
    {
        uint hash = 2166136261;
        foreach (char c in text)
            hash = unchecked((hash ^ c) * 16777619);
        return ((hash >> 16) ^ (hash & 0xffff)).ToString("x4");
    }

    private static int OpeningQuote(string line)
    {
        int i = line.Length - 2;
        while (i > 0 && !(line[i] == '"' && line[i - 1] == '='))
            i--;
        return i;
    }

    internal abstract class Kind(string name, string section)
    {
        public string Name { get; } = name;

        public string Section { get; } = section;

        public abstract IEnumerable<Fact> Of(Facts facts);

        public abstract void Write(ReportFields fields, Fact fact);

        public abstract Fact Read(ReportFields fields);
    }

    private sealed class Kind<T>(string name, string section, Func<ReportFields, T?, T> map) : Kind(name, section) where T : Fact
    {
        public override IEnumerable<Fact> Of(Facts facts) => facts.Of<T>();

        public override void Write(ReportFields fields, Fact fact) => map(fields, (T)fact);

        public override Fact Read(ReportFields fields) => map(fields, null);
    }
}
