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
/// The system calls, and the words of the refusals, are the same for a crash kernel and for one that is started on purpose: the
/// lines beside them decide, and if none does, the purpose is not known.
/// </summary>
internal static class KexecPurposes
{
    /// <summary>A command stands at most this many lines above the message that it caused.</summary>
    private const int Near = 3;

    /// <summary>
    /// Messages of, or about, programs that start another kernel: systemctl kexec, Debian's kexec-tools, petitboot, u-root.
    /// </summary>
    private static readonly string[] OfStart = ["SYS_kexec_", "kexec syscall failed", "kexec_file_load() failed", "ESP partition mount",
        "Couldn't find EFI system", "No kexec kernel loaded and", "kexec-load", "failed to load kexec kernel", "kexec-boot", "petitboot",
        "pb-discover"];

    /// <summary>Only a crash kernel is put into a reserved range, and only messages of kdump's services contain the word kdump.</summary>
    private static readonly string[] OfCrash = ["kdump", "crash", "Crash", "load-panic"];

    public static KexecPurpose Of(ToolSaid[] refusals, DumpService service, Facts facts)
    {
        KexecTyped[] typed = [.. facts.Of<KexecTyped>()];
        // If somebody typed kexec -l and nothing about kdump, the same error number is about other limits.
        if (typed.Length > 0 && !Array.Exists(typed, t => t.Panic) && service == DumpService.Unknown &&
            !Array.Exists(refusals, r => Holds(r, OfCrash)) && !facts.Any<KdumpStatus>() && !facts.Any<GaveUp>())
            return KexecPurpose.Start;
        if (service != DumpService.Unknown || Array.Exists(typed, t => t.Panic) || Array.Exists(refusals, r => Holds(r, OfCrash) ||
            r.Message.Mark == KexecMessages.Outside) || facts.Any<CrashRange>() || facts.Any<KdumpStatus>() || facts.Any<GaveUp>())
            return KexecPurpose.Crash;
        return typed.Length > 0 || Array.TrueForAll(refusals, r => Holds(r, OfStart)) ? KexecPurpose.Start : KexecPurpose.Unknown;
    }

    /// <summary>True if the line names kexec, or stands below a kexec command.</summary>
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
