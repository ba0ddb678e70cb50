using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>What a kernel is loaded for.</summary>
internal enum KexecPurpose
{
    Unknown,

    /// <summary>To be started when this one crashes: <c>kexec -p</c>, a kdump service.</summary>
    Crash,

    /// <summary>To be started on purpose: <c>kexec -l</c>, systemctl kexec, a boot loader that is Linux itself.</summary>
    Start,
}

/// <summary>
/// The system calls, and the words of the refusals, are the same for a crash kernel and for one that is started on purpose: what stands
/// beside them decides, and where nothing does, it is not known.
/// </summary>
internal static class KexecPurposes
{
    /// <summary>So many lines above a message stands the command that caused it.</summary>
    private const int Near = 3;

    /// <summary>Said by, or of, programs that start another kernel: systemctl kexec, Debian's kexec-tools, petitboot, u-root.</summary>
    private static readonly string[] OfStart = ["SYS_kexec_", "kexec syscall failed", "kexec_file_load() failed", "ESP partition mount",
        "Couldn't find EFI system", "No kexec kernel loaded and", "kexec-load", "failed to load kexec kernel", "kexec-boot", "petitboot",
        "pb-discover"];

    /// <summary>Only a crash kernel is put into a reserved range, and only kdump's services speak of kdump.</summary>
    private static readonly string[] OfCrash = ["kdump", "crash", "Crash", "load-panic"];

    public static KexecPurpose Of(ToolSaid[] refusals, DumpService service, Facts facts)
    {
        KexecTyped[] typed = [.. facts.Of<KexecTyped>()];
        // Somebody typed kexec -l and nothing of kdump: the same error number tells of other limits then.
        if (typed.Length > 0 && !Array.Exists(typed, t => t.Panic) && service == DumpService.Unknown &&
            !Array.Exists(refusals, r => Holds(r, OfCrash)) && !facts.Any<KdumpStatus>() && !facts.Any<GaveUp>())
            return KexecPurpose.Start;
        if (service != DumpService.Unknown || Array.Exists(typed, t => t.Panic) || Array.Exists(refusals, r => Holds(r, OfCrash) ||
            r.Message.Mark == KexecMessages.Outside) || facts.Any<CrashRange>() || facts.Any<KdumpStatus>() || facts.Any<GaveUp>())
            return KexecPurpose.Crash;
        return typed.Length > 0 || Array.TrueForAll(refusals, r => Holds(r, OfStart)) ? KexecPurpose.Start : KexecPurpose.Unknown;
    }

    /// <summary>The line names kexec as its speaker, or stands below the command.</summary>
    public static bool SaidByKexec(ToolSaid said, Facts facts)
    {
        string text = said.Source.Text;
        int at = text.IndexOf("kexec", StringComparison.Ordinal);
        bool speaks = at >= 0 && text[at..].IndexOfAny(['[', ':']) is > 0 and var colon && colon < 16 &&
            text[(at + colon)..].Length > 8 && !text[at..(at + colon)].Contains(' ', StringComparison.Ordinal);
        return speaks || facts.Of<KexecTyped>().Any(t => t.Source.Input == said.Source.Input &&
            said.Source.Line - t.Source.Line is > 0 and <= Near);
    }

    private static bool Holds(ToolSaid said, string[] words) =>
        Array.Exists(words, w => said.Source.Text.Contains(w, StringComparison.Ordinal));
}
