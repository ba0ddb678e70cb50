using System.Buffers;
using System.Globalization;

namespace Kdump.Diagnosis.Text;

/// <summary>
/// Learns a <see cref="Carrier"/> from a block of lines: what stands before words that only a kernel begins a message with is the
/// carrier's, if it has the same shape before several of them, or before all lines of the block. Nothing is learnt where the forms that
/// <see cref="KernelLine"/> knows match completely.
/// </summary>
internal static class CarrierLearner
{
    private const int MaxPrefix = 240, MaxShapes = 8, MaxSuffix = 120;

    /// <summary>How messages begin that no program writes, from common places of kernels of all ages.</summary>
    private static readonly SearchValues<string> beginnings = SearchValues.Create(
    [
        "Linux version ", "Command line: ", "Kernel command line: ", "BIOS-provided physical RAM map", "BIOS-e820: ",
        "KERNEL supported cpus", "x86/fpu: ", "ACPI: ", "pci 0000:", "pci_bus 0000:", "Memory: ", "Booting Linux on ",
        "Kernel panic - not syncing", "BUG: ", "watchdog: BUG: ", "NMI watchdog: ", "WARNING: CPU: ", "WARNING: at ", "INFO: task ",
        "INFO: rcu", "rcu: INFO: ", "kernel BUG at ", "general protection fault", "divide error: ", "invalid opcode: ", "stack segment: ",
        "Unable to handle kernel ", "Oops: ", "Oops[#", "Internal error: ", "Call Trace:", "Call trace:", "Modules linked in:",
        "Hardware name: ", "CPU: ", "RIP: ", "EIP: ", "RSP: ", "RAX: ", "RDX: ", "RBP: ", "R10: ", "R13: ", "EAX: ", "ESI: ", "CR2: ",
        "Code: ", "FS:  ", "CS:  ", "DR0: ", "DR3: ", "PGD ", "PKRU: ", "pstate: ", "---[ end ", "------------[ cut here ]",
        "Kernel Offset: ", "Workqueue: ", "pc : ", "lr : ", "sp : ", "x29: ", "x26: ", "x23: ", "x20: ", "NIP: ", "GPR00: ", "Krnl PSW ",
        "Krnl GPRS", "Krnl Code", "Instruction dump:", "Mem-Info:", "Out of memory: ", "Out of Memory: ", "Killed process ", "#PF: ",
        "Last Breaking-Event",
        "EXT4-fs ", "XFS (", "BTRFS ", "usb 1-", "scsi host", "ata1: ", "ata1.00: ", "ata2.00: ", "ata3.00: ", "ata4.00: ", "sd 0:",
        "[Hardware Error]: ", "mce: [Hardware Error]: ", "mce: CPU", "EDAC ", "pcieport 0000:", "amdgpu 0000:", "i915 0000:",
        "nouveau 0000:", "radeon 0000:", "nvidia 0000:", "ahci 0000:", "xhci_hcd 0000:", "e1000e 0000:", "igb 0000:", "ixgbe 0000:",
        "i40e 0000:", "ice 0000:", "mlx5_core 0000:", "bnxt_en 0000:", "r8169 0000:", "nvme 0000:", "mpt3sas_cm", "megaraid_sas ",
        "random: crng ", "Freeing unused kernel ", "Run /", "NET: Registered ", "DMAR: ", "AMD-Vi: ", "NVRM: ", "nvme nvme",
        "INFO: NMI handler ", "Uhhuh. NMI ", "SMP: ", "smp: ", "smpboot: ", "clocksource: ", "tsc: ", "Fixing recursive fault",
        "perf: interrupt took ", "traps: ", "sysrq: ", "SysRq : ", "Sending NMI ", "NMI backtrace for ", "Showing busy workqueues",
        "[drm] ", "[drm:", "drm/i915: ", "msm ", "panfrost ", "iwlwifi 0000:", "ath10k_", "ath11k", "ath12k", "brcmfmac: ", "Bluetooth: ",
        "ieee80211 phy", "mmc0: ", "mmc1: ", "mmcblk0: ", "i2c_", "usb usb", "usb 2-", "hub 1-", "hid-generic ", "SQUASHFS error", "UBIFS",
        "UBI ", "ubi0", "F2FS-fs ", "FAT-fs (", "CIFS", "libceph: ", "nfs: server ", "blk_update_request: ", "I/O error, dev ",
        "Buffer I/O error on ", "device-mapper: ", "md/raid", "IPv6: ", "thermal thermal_zone", "tpm tpm0",
    ], StringComparison.Ordinal);

    private readonly record struct Find(string Line, int At, string Begin);

    public static Carrier? Learn(string[] lines)
    {
        bool html = Array.Exists(lines, l => l.Contains("&lt;", StringComparison.Ordinal) || l.Contains("&gt;", StringComparison.Ordinal));
        bool colour = lines.Count(l => l.Contains("[0m", StringComparison.Ordinal)) * 3 > lines.Length;
        if (colour)
            lines = Array.ConvertAll(lines, l => Carrier.Uncoloured(l));
        bool spaced = IsSpaced(lines);
        if (spaced)
            lines = [.. lines.Where((l, i) => i == 0 || !IsGap(lines, i))];
        int anchored = 0;
        List<Find> odd = Odd(lines, ref anchored);
        if (odd.Count(f => JournalRecord.IsField(f.Line, out ReadOnlySpan<char> name, out _) && name is "MESSAGE") * 2 > odd.Count)
            return new() { Records = true };
        Carrier? learnt = odd.Count > 0 && odd.Count * 2 >= anchored ? Layers(lines, odd, html) : null;
        if (learnt is null && IsQuotation(lines))
            learnt = new() { Quoted = true };
        string[] said = learnt?.Quoted == true ? Array.ConvertAll(lines, l => Carrier.Unquoted(l).ToString()) : lines;
        bool kernel = anchored > 0 || Array.Exists(said, l => CarrierFold.Carried(KernelLine.Parse(l)));
        bool backwards = kernel && RunsBackwards(said), twice = kernel && StandsTwice(lines);
        CarrierFold? fold = CarrierFold.Of(lines, learnt ?? new());
        if (learnt is null && fold is null && !backwards && !twice && !html && !colour && !spaced)
            return null;
        return (learnt ?? new()) with
        {
            Fold = fold, Spaced = spaced, Html = html, Colour = colour, Backwards = backwards, Twice = twice,
        };
    }

    /// <summary>It begins with words that only a kernel begins a message with.</summary>
    public static bool BeginsMessage(ReadOnlySpan<char> text) => text[..Math.Min(text.Length, 40)].IndexOfAny(beginnings) == 0;

    /// <summary>Most lines are quoted as mails quote. A line of a table begins with another mark.</summary>
    private static bool IsQuotation(string[] lines)
    {
        int filled = 0, quoted = 0;
        foreach (string line in lines)
        {
            filled += string.IsNullOrWhiteSpace(line) ? 0 : 1;
            quoted += line.AsSpan().TrimStart(' ').StartsWith(">", StringComparison.Ordinal) ? 1 : 0;
        }
        return quoted >= 2 && quoted * 10 >= filled * 6;
    }

    /// <summary>Nearly every line is followed by an empty one.</summary>
    private static bool IsSpaced(string[] lines)
    {
        int filled = 0, gaps = 0;
        for (int i = 1; i < lines.Length; i++)
        {
            filled += lines[i - 1].Length > 0 ? 1 : 0;
            gaps += IsGap(lines, i) ? 1 : 0;
        }
        return gaps >= 4 && gaps * 10 >= filled * 9;
    }

    private static bool IsGap(string[] lines, int at) => lines[at].Length == 0 && lines[at - 1].Length > 0;

    private static Carrier? Layers(string[] lines, List<Find> odd, bool html)
    {
        if (odd.Count(f => f.Line.AsSpan().TrimStart(' ').StartsWith(">", StringComparison.Ordinal)) * 2 > odd.Count)
        {
            string[] inner = Array.ConvertAll(lines, l => Carrier.Unquoted(l).ToString());
            Carrier? below = Below(inner, html);
            return new()
            {
                Quoted = true,
                Field = below?.Field,
                Shapes = below?.Shapes ?? [],
                Suffix = below?.Suffix ?? "",
                Inner = below?.Inner ?? false,
            };
        }
        if (odd.Count(f => !JsonLine.Within(f.Line).IsEmpty) * 2 > odd.Count)
        {
            string? field = odd.Select(f => JsonLine.FieldAt(f.Line, f.At)).OfType<string>().GroupBy(f => f, StringComparer.Ordinal)
                .MaxBy(g => g.Count())?.Key;
            if (field is null)
                return null;
            var value = new char[LineReader.MaxLine];
            string[] inner = Array.ConvertAll(lines, l => JsonLine.Value(l, field, value) is >= 0 and var n
                ? new string(value, 0, n).TrimEnd('\r', '\n') : l);
            Carrier? below = Below(inner, html);
            return new() { Field = field, Shapes = below?.Shapes ?? [], Suffix = below?.Suffix ?? "", Inner = below?.Inner ?? false };
        }
        return Prefixes(lines, odd);
    }

    private static Carrier? Below(string[] lines, bool html)
    {
        int anchored = 0;
        List<Find> odd = Odd(lines, ref anchored);
        return odd.Count == 0 || odd.Count * 2 < anchored ? null : Layers(lines, odd, html);
    }

    private static Carrier? Prefixes(string[] lines, List<Find> odd)
    {
        var shapes = new List<PrefixShape>();
        int inner = 0, fitting = 0;
        string[] filled = [.. lines.Where(l => l.AsSpan().ContainsAnyExcept(" \t"))];
        foreach (IGrouping<string, (string Prefix, Find Find)> group in odd.Select(f => (Prefix: PrefixOf(f), Find: f))
            .Where(p => p.Prefix.Length > 0).GroupBy(p => PrefixShape.Signature(p.Prefix), StringComparer.Ordinal)
            .OrderByDescending(g => g.Count()))
        {
            if (shapes.Count == MaxShapes || PrefixShape.Of([.. group.Select(p => p.Prefix)]) is not { } shape)
                continue;
            int fits = filled.Count(l => shape.Fits(l, out _) || shape.FitsSister(l, out _));
            int kinds = group.Select(p => p.Find.Begin).Distinct(StringComparer.Ordinal).Count();
            // Words of a kernel's subsystem stand before few of its messages; what carries a log stands before most.
            bool many = kinds > 1 && (fits * 10 >= filled.Length || (shape.HasNumber && fits > 7));
            // Sentences of a letter may stand around it; a clock is of no sentence.
            bool all = (fits == filled.Length || (shape.Clock && fits > 2 && fits * 3 >= filled.Length)) && !shape.EndsInName &&
                (shape.Clock || shape.HasNumber || shape.Priority >= 0);
            if (!many && !all)
                continue;
            shapes.Add(shape);
            fitting += group.Count();
            inner += group.Count(p => p.Prefix.Length < p.Find.At && IsOwnStamp(p.Find.Line.AsSpan(p.Prefix.Length)));
        }
        string[] carried = [.. filled.Where(l => shapes.Exists(s => s.Fits(l, out _)))];
        return shapes.Count == 0 ? null : new() { Shapes = shapes, Suffix = SuffixOf(carried), Inner = inner * 2 > fitting };
    }

    /// <summary>Lines whose words of a kernel do not stand where the known forms see the message begin.</summary>
    private static List<Find> Odd(string[] lines, ref int anchored)
    {
        var odd = new List<Find>();
        foreach (string line in lines)
        {
            // A journal's record has its fields in any order, and a cursor alone is 150 characters long.
            int most = JsonLine.Within(line).IsEmpty ? MaxPrefix + 32 : line.Length;
            int at = line.AsSpan(0, Math.Min(line.Length, most)).IndexOfAny(beginnings);
            // "vfio-pci 0000:…" is one name: the words of a kernel begin with a word of their own.
            if (at < 0 || (at > 0 && char.IsLetterOrDigit(line[at - 1])) ||
                (at > 1 && line[at - 1] is '-' or '_' && char.IsLetterOrDigit(line[at - 2])))
                continue;
            at = Numbered(line, at);
            anchored++;
            KernelLine kernel = KernelLine.Parse(line);
            // A daemon that writes what another machine's kernel says is a carrier too; and what opens a quotation closes it.
            if (kernel.Foreign || line.AsSpan().TrimStart(" \t-") is ['"' or '\'' or '{' or '>', ..] or ['b', '"' or '\'', ..] ||
                line.Length - kernel.Message.TrimStart(" \t").Length < at)
                odd.Add(new(line, at, line.Substring(at, Math.Min(5, line.Length - at))));
        }
        return odd;
    }

    /// <summary>The number of a firmware's report (<c>{37}[Hardware Error]: </c>) is the kernel's own.</summary>
    private static int Numbered(string line, int at)
    {
        int open = at < 3 || line[at - 1] != '}' ? -1 : line.LastIndexOf('{', at - 1, Math.Min(at, 12));
        return open >= 0 && line.AsSpan((open + 1)..(at - 1)).ContainsAnyExceptInRange('0', '9') == false ? open : at;
    }

    /// <summary>Up to the kernel's own stamp, where that and nothing else stands between it and the message.</summary>
    private static string PrefixOf(Find find)
    {
        ReadOnlySpan<char> head = find.Line.AsSpan(0, find.At);
        for (int i = head.IndexOfAny('[', '<'); i >= 0 && i < find.At;)
        {
            KernelLine inner = KernelLine.Parse(find.Line.AsSpan(i));
            if (i > 0 && inner is { Stamped: true, Time: not null } && find.Line.Length - inner.Message.TrimStart(" \t").Length == find.At)
                return find.Line[..i];
            int next = head[(i + 1)..].IndexOfAny('[', '<');
            if (next < 0)
                break;
            i += next + 1;
        }
        return find.At > MaxPrefix ? "" : find.Line[..find.At];
    }

    private static bool IsOwnStamp(ReadOnlySpan<char> text) => KernelLine.Parse(text) is { Stamped: true };

    /// <summary>What all but a few of these lines end with, from a mark on.</summary>
    private static string SuffixOf(string[] lines)
    {
        if (lines.Length < 3)
            return "";
        string first = lines[lines.Length / 2];
        int length = 0;
        int EndSo(int n) => lines.Count(l => l.AsSpan().EndsWith(first.AsSpan(first.Length - n), StringComparison.Ordinal));
        while (length < Math.Min(first.Length, MaxSuffix) && EndSo(length + 1) * 10 >= lines.Length * 9)
            length++;
        int mark = first.AsSpan(first.Length - length).IndexOfAny("\"'<}|\\,;-");
        if (mark < 0)
            return "";
        int start = first.Length - length + mark;
        while (start > 0 && first[start] == '-' && first[start - 1] == ' ')
            start--;
        return first[start..];
    }

    /// <summary>Times fall from line to line, and hardly ever rise.</summary>
    private static bool RunsBackwards(string[] lines)
    {
        int falls = 0, rises = 0;
        double? before = null;
        foreach (string line in lines)
        {
            // "-- Logs begin at …, end at …" stands in front in both orders, and its clock is of another day.
            if (IsMark(line))
                continue;
            double? now = KernelLine.Parse(line).Time ?? Clock(line);
            if (now is double n && before is double b)
            {
                falls += n < b ? 1 : 0;
                rises += n > b ? 1 : 0;
            }
            before = now ?? before;
        }
        // journalctl -r prints the line about a new boot before anything else.
        bool marked = Array.Find(lines, l => !string.IsNullOrWhiteSpace(l) && !IsExtent(l)) is { } first && IsMark(first);
        // Within one second the clocks of a journal are equal; what is left is the order inside the kernel's own reports.
        return (falls >= 6 && falls > rises * 8) || (rises == 0 && (falls >= (marked ? 1 : 3) || ReportOrder.RunsBackwards(lines)));
    }

    /// <summary>A line of journalctl's own: <c>-- Boot 1234… --</c>, <c>-- Reboot --</c>, or how far the journal goes.</summary>
    private static bool IsMark(string line) => line.AsSpan().Trim().StartsWith("-- ", StringComparison.Ordinal);

    private static bool IsExtent(string line) => IsMark(line) && line.Contains(" at ", StringComparison.Ordinal);

    /// <summary>Seconds of the day, if a line begins with a clock.</summary>
    private static double? Clock(string line)
    {
        for (int i = 2; i + 6 <= line.Length && i < 48; i++)
        {
            if (line[i] == ':' && line[i + 3] == ':' && Two(line, i - 2, out int hour) && Two(line, i + 1, out int minute) &&
                Two(line, i + 4, out int second))
                return (hour * 3600) + (minute * 60) + second;
        }
        return null;
    }

    private static bool Two(string line, int at, out int value) =>
        int.TryParse(line.AsSpan(at, 2), NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool StandsTwice(string[] lines)
    {
        int pairs = 0, filled = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0)
                continue;
            filled++;
            if (i > 0 && lines[i] == lines[i - 1])
            {
                pairs++;
                i++;
            }
        }
        return pairs >= 6 && pairs * 10 >= filled * 4;
    }
}
