using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Crashes;

/// <summary>What became of the dump of one crash: how far it got, and where and why it stopped.</summary>
/// <param name="Armed">A capture kernel was loaded when the machine crashed; null where nothing tells.</param>
/// <param name="Attempted">The capture kernel ran.</param>
/// <param name="Saved">The dump is written; null where the input ends before that is decided.</param>
/// <param name="Stage">The last step that the input shows.</param>
/// <param name="Reason">Why it was not saved, or what is not known; null for a dump that was saved.</param>
public sealed record DumpStory(bool? Armed, bool Attempted, bool? Saved, string? Path, DumpStage Stage, string? Reason,
    IReadOnlyList<Source> Evidence)
{
    /// <summary>The boot that wrote the dump, or should have.</summary>
    public Boot? Capture { get; init; }

    public IReadOnlyList<DumpMark> Steps { get; init; } = [];

    /// <summary>
    /// One for each capture kernel in the input; where a kernel panicked and no capture kernel followed, one that tells why.
    /// </summary>
    public static IReadOnlyList<DumpStory> Of(Facts facts, IReadOnlyList<Boot> boots)
    {
        var stories = new List<DumpStory>();
        for (int i = 0; i < boots.Count; i++)
        {
            if (boots[i].Capture == true)
                stories.Add(OfCapture(facts, i > 0 && boots[i - 1].Capture != true ? boots[i - 1] : null, boots[i],
                    isLast: i == boots.Count - 1));
        }
        if (stories.Count == 0)
            stories.Add(WithoutCapture(facts, boots));
        return stories;
    }

    private static DumpStory OfCapture(Facts facts, Boot? crashed, Boot capture, bool isLast)
    {
        List<DumpMark> steps = facts.Of<DumpMark>().Where(m => m.Boot == capture || (crashed is not null && m.Boot == crashed))
            .OrderBy(m => m.Source.Order).ToList();
        DumpMark? saved = steps.FindLast(m => m.Stage == DumpStage.Saved && m.Boot == capture),
            written = steps.FindLast(m => m.Stage == DumpStage.Written && m.Boot == capture);
        DeviceWait? wait = facts.Of<DeviceWait>().Where(w => w.Boot == capture).MaxBy(w => w.Seconds);
        DumpStage stage = steps.Where(m => m.Boot == capture).Select(m => m.Stage).Where(s => s != DumpStage.Rebooted)
            .DefaultIfEmpty(DumpStage.Started).Max();
        if (stage < DumpStage.Started)
            stage = DumpStage.Started;
        if (wait is not null && stage < DumpStage.TargetMounted)
            stage = DumpStage.TargetAwaited;
        bool rebooted = steps.Any(m => m.Boot == capture && m.Stage == DumpStage.Rebooted) || !isLast;
        string? path = PathOf(steps, capture, saved, written);
        if ((saved ?? written) is { } done)
            return new(Armed: true, Attempted: true, Saved: true, path, saved is null ? DumpStage.Written : DumpStage.Saved, null,
                [done.Source]) { Capture = capture, Steps = steps };
        (string reason, Source? source) = WhyNot(facts, capture, wait, stage, steps);
        // A site's own tool may have written a dump without a known message: then the outcome is unknown.
        bool silent = source is null && stage is DumpStage.Init or DumpStage.TargetMounted or DumpStage.LogSaved;
        bool decided = (source is not null && wait?.Source != source) || wait?.GaveUp == true || (rebooted && !silent);
        if (rebooted)
            reason += "; then the machine was rebooted";
        return new(Armed: true, Attempted: true, Saved: decided ? false : null, path, stage, reason, source is null ? []
            : [source]) { Capture = capture, Steps = steps };
    }

    private static (string Reason, Source? Source) WhyNot(Facts facts, Boot capture, DeviceWait? wait, DumpStage stage,
        List<DumpMark> steps)
    {
        DumpFault? fault = facts.Of<DumpFault>().FirstOrDefault(f => f.Boot == capture);
        Crash? crash = facts.Of<Crash>().FirstOrDefault(c => c.Boot == capture && (c.Panicked || c.Kind is not ("warning" or "lockdep")));
        OutOfMemory? memory = facts.Of<OutOfMemory>().FirstOrDefault(o => o.Boot == capture);
        if (memory is not null && (fault is null || memory.Source.Order < fault.Source.Order))
            return ($"the capture kernel ran out of memory{(memory.Victim.Length > 0 ? $" and killed {memory.Victim}" : "")}",
                memory.Source);
        if (fault is not null && (crash is null || fault.Source.Order < crash.Source.Order))
            return (fault.Reason, fault.Source);
        if (crash is not null)
            return ($"the capture kernel crashed itself: {crash.Title}", crash.Source);
        if (wait is not null && stage <= DumpStage.TargetAwaited)
            return ($"the capture kernel waited {(wait.GaveUp ? "in vain" : $"for {wait.Seconds} s")} for {wait.Device}", wait.Source);
        Source? last = steps.FindLast(m => m.Boot == capture)?.Source;
        string at = stage switch
        {
            DumpStage.Copying =>
                "the log ends while the dump " +
                $"is copied{(steps.FindLast(m => m.Stage == DumpStage.Copying)?.Detail is { } p && p.EndsWith('%') ? $" ({p})" : "")}",
            DumpStage.Started => "the capture kernel started, and the log shows nothing of its initramfs",
            DumpStage.Unpacking => "the log ends while the initramfs is unpacked",
            DumpStage.Init => "its first program started, and nothing of a dump follows",
            DumpStage.Unpacked => "the initramfs was unpacked, and nothing of its programs follows",
            DumpStage.TargetMounted => "the target was mounted, and nothing of a copy follows",
            _ => $"the log ends after: {last?.Text.Trim()}",
        };
        return (at, null);
    }

    /// <summary>A kernel panicked and no second one is in the input.</summary>
    private static DumpStory WithoutCapture(Facts facts, IReadOnlyList<Boot> boots)
    {
        List<DumpMark> steps = facts.Of<DumpMark>().OrderBy(m => m.Source.Order).ToList();
        Crash? panicked = facts.Of<Crash>().FirstOrDefault(c => c.Panicked);
        DumpFault? fault = facts.Of<DumpFault>() is [var first, ..] ? first : null;
        DumpMark? armed = steps.Find(m => m.Stage >= DumpStage.Armed), reserved = steps.Find(m => m.Stage == DumpStage.Reserved);
        DumpStage stage = steps.Select(m => m.Stage).DefaultIfEmpty(DumpStage.None).Max();
        bool? isArmed;
        if (armed is not null)
            isArmed = true;
        else
            isArmed = fault is not null ? false : null;
        if (panicked is null)
            return new(isArmed, false, null, null, stage, fault?.Reason, fault is null ? [] : [fault.Source]) { Steps = steps };
        string reason;
        if (armed is not null)
            reason = "a capture kernel was loaded, and the input ends (or goes on) without a trace of it: " +
                "it may have started with no console";
        else if (fault is not null)
            reason = $"no capture kernel was loaded: {fault.Reason}";
        else if (reserved is not null)
            reason = "memory was reserved for a capture kernel; whether one was loaded, the input does not tell";
        else
            reason = "nothing in the input mentions a capture kernel: no memory reserved, none loaded";
        return new(isArmed, false, fault is not null && armed is null ? false : null, null, stage, reason,
            (armed?.Source ?? fault?.Source ?? reserved?.Source) is { } s ? [s] : []) { Steps = steps };
    }

    private static string? PathOf(List<DumpMark> steps, Boot capture, DumpMark? saved, DumpMark? written)
    {
        string? directory = steps.FindLast(m => m.Boot == capture && m.Stage == DumpStage.TargetMounted && m.Detail is not null)?.Detail;
        if (written?.Detail is { } file)
            return saved is not null && file.EndsWith("-incomplete", StringComparison.Ordinal) ? file[..^"-incomplete".Length] : file;
        return saved?.Detail ?? directory
            ?? steps.FindLast(m => m.Boot == capture && m.Stage == DumpStage.Copying && m.Detail?.StartsWith('/') == true)?.Detail;
    }
}
