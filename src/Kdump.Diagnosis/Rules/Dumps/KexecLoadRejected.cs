using System.Globalization;
using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Speakers;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// Memory is reserved, but the kernel or kexec refused to load the crash kernel into it (kexec_load(2), kexec_file_load(2)).
/// </summary>
public sealed class KexecLoadRejected : Rule
{
    /// <summary>A segment smaller than this is not refused because a reservation of usual size is full.</summary>
    private const ulong SmallPiece = 1 << 20;

    /// <summary>A distance larger than any reservation: one of the segments is outside of it.</summary>
    private const ulong FarApart = 1UL << 29;

    private const int NearLines = 60;

    public override string Id => "kexec-load-rejected";

    public override Entry Entry => new("kexec-load-rejected", "the crash kernel, or another kernel by kexec, could not be loaded")
    {
        Area = Area.Preparing,
        Signature =
        [
            "kexec_load failed: Operation not permitted",
            "kexec_file_load failed: Operation not permitted",
            "Lockdown: kexec: kexec of unsigned images is restricted",
            "kexec_file_load failed: Required key not available",
            "kexec_file_load failed: Key was rejected by service",
            "kexec_file_load failed: Accessing a corrupted shared library",
            "kexec_load failed: Cannot assign requested address",
            "Cannot determine the file type of …",
            "Could not find a free area of memory of 0x… bytes",
            "kexec: failed to load kdump kernel",
        ],
        Cause = "Secure boot allows only signed kernels and only kexec_file_load(2); " +
            "kernel.kexec_load_disabled=1, set by hardening profiles, forbids both calls; the key is not in a trusted keyring; " +
            "the kernel could not parse the signature (ELIBBAD); kexec-tools does not support the kernel's file format; " +
            "a segment is outside the reservation (EADDRNOTAVAIL); or kernel and image do not fit into it.",
        Fixes =
        [
            new("Load through the newer system call: KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump", "kdumpctl restart"),
            new("Sign the kernel, or enrol its key", "mokutil --import KEY.der", "needs a reboot and the console"),
            new("If there is not enough room, raise crashkernel= or make the image smaller"),
        ],
        Origin = "kexec-tools kexec.c, kernel/kexec_file.c, security/lockdown; kdump-utils commit 4fa17b2",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ToolSaid[] said = facts.Of<ToolSaid>().Where(p => p.Message.Stage == ToolStage.Loading && p.Boot?.Capture != true).ToArray();
        ToolSaid[] refusals = said.Where(s => s.Message.Mark != KexecMessages.NoFileLoad &&
            (s.Message.Mark != KexecMessages.Note || KexecPurposes.SaidByKexec(s, facts))).ToArray();
        if (refusals.Length == 0)
            yield break;
        // A note counts only together with a refusal: other programs print the same notes.
        said = [.. said.Where(s => s.Message.Mark != KexecMessages.Note ||
            refusals.Any(r => r.Source.Input != s.Source.Input || Math.Abs(r.Source.Order - s.Source.Order) <= NearLines))];
        ToolSaid? reason = said.Where(s => s.Message.Mark is not (KexecMessages.Consequence or KexecMessages.NoFileLoad) &&
            (s.Message.Means.Length > 0 || s.Message.Mark.Length > 0)).MinBy(s => Array.IndexOf(ToolMessages.All, s.Message)) ??
            said.FirstOrDefault(s => s.Message.Means.Length > 0);
        DumpService service = DumpServices.Of(facts);
        bool crashed = facts.Of<ToolCrash>().Any(c => c.Program == "kexec");
        KexecPurpose purpose = KexecPurposes.Of(refusals, service, facts);
        bool plain = purpose == KexecPurpose.Start;
        IReadOnlyList<Source> words = reason is null && !crashed ? WordsBefore.Of(facts, refusals.Select(r => r.Source)) : [];
        string unsaid;
        if (crashed)
            unsaid = "The kernel did not refuse anything: kexec itself was killed by a signal.";
        else if (words.Count > 0)
            unsaid = $"kexec failed.{WordsBefore.Tell(words)}";
        else
            unsaid = "kexec failed; no line gives the reason.";
        (string why, Fix[] fixes) = reason is null ? (unsaid, [ByHand(service)]) : Explain(reason, facts, service, plain);
        yield return new Finding(Id, purpose == KexecPurpose.Crash ? "the crash kernel could not be loaded"
            : "kexec could not load the kernel", Severity.Error, reason is null ? 0.8 : 0.95,
            why + (purpose == KexecPurpose.Crash ? " A crash now leaves no dump." : ""))
        {
            Impact = purpose switch
            {
                KexecPurpose.Crash => null,
                KexecPurpose.Start => "The new kernel was not started; the running one goes on.",
                _ => "If this was to be the crash kernel, a crash now leaves no dump; no line tells which.",
            },
            CausedBy = ["crashkernel-not-reserved", "dump-tool-crashed", "selinux-denies-kdump", "kdump-image-missing"],
            Fixes = fixes,
            Evidence = [.. said.Where(s => s.Message.Mark != KexecMessages.NoFileLoad).OrderByDescending(s => s == reason)
                .Select(s => s.Source).Take(4), .. words, .. Places(reason, facts)],
        };
    }

    private static (string Why, Fix[] Fixes) Explain(ToolSaid reason, Facts facts, DumpService service, bool plain)
    {
        switch (reason.Message.Mark)
        {
            case KexecMessages.NoPlace:
                return NoPlace(reason, facts, plain);
            case KexecMessages.Outside:
                return plain ? OutsideMemory(facts) : Outside(facts);
            case KexecMessages.OldCallRefused:
                // Do not recommend the newer system call to a kernel that does not have it.
                bool only = facts.Of<ToolSaid>().Any(s => s.Message.Mark == KexecMessages.NoFileLoad);
                return (only ? reason.Means +
                    " This kernel's configuration has no kexec_file_load (CONFIG_KEXEC_FILE is not set), so -s does not help."
                    : reason.Means,
                    [.. DumpServices.Fitting(reason, service), .. only ? Array.Empty<Fix>() : [
                        new Fix(service == DumpService.KdumpTools
                            ? "With secure boot load through the newer system call: KDUMP_KEXEC_ARGS=\"-s\" in /etc/default/kdump-tools"
                            : "With secure boot load through the newer system call: KEXEC_ARGS=\"-s\" in /etc/sysconfig/kdump",
                            plain ? "kexec -s -l /boot/vmlinuz-$(uname -r) --initrd=/boot/initramfs-$(uname -r).img --reuse-cmdline"
                                : DumpServices.Reload(service))]]);
            default:
                return (reason.Means, [.. DumpServices.Fitting(reason, service)]);
        }
    }

    /// <summary>kexec itself searched for a free range, before it called the kernel.</summary>
    private static (string Why, Fix[] Fixes) NoPlace(ToolSaid reason, Facts facts, bool plain)
    {
        ulong? asked = Hex(reason.Taken[0]);
        ulong reserved = facts.Of<CrashRange>()
            .Aggregate(0UL, (sum, r) => r.Last > r.First ? sum + Math.Min(r.Last - r.First, 1UL << 50) : sum);
        string piece = asked is null ? "one of its pieces" : $"a piece of {Size(asked.Value)}";
        Fix newer = new("Install a newer kexec-tools; its debug output shows which ranges it checks",
            "kexec --version; kexec -d -p /boot/vmlinuz-$(uname -r) --reuse-cmdline 2>&1 | tail -40");
        if (plain)
        {
            return ($"kexec found no free area of memory for {piece}. " +
                "It loads into normal memory here (-l), so this is not about the crash kernel's reservation: " +
                "the memory map that it reads has no range that is allowed for this format (under Xen it reads the hypervisor's map). " +
                "The cause is in kexec-tools.",
                [new Fix("Compare the memory map that it reads with the actual one, and try a newer kexec-tools",
                    "kexec -d -l FILE 2>&1 | head -60; grep 'System RAM' /proc/iomem; kexec --version")]);
        }
        if (asked is { } bytes && (reserved > 0 ? bytes < reserved / 8 : bytes < SmallPiece))
        {
            return ($"kexec found no free area of memory for {piece}" + (reserved > 0 ? $", although {Size(reserved)} are reserved" : "") +
                ": the size is sufficient but not the position. It places this segment (often the device tree, " +
                    "after the initrd at the end of the reservation) where no memory is left, which is a bug of kexec-tools.",
                [newer, new Fix("Or make the initramfs smaller, or reserve a larger range, so that the positions change",
                    "ls -l /boot/*kdump* /var/lib/kdump/; cat /sys/kernel/kexec_crash_size")]);
        }
        return ("The kernel and its initramfs do not fit into the reserved memory" + (reserved > 0 ? $" ({Size(reserved)})" : "") +
            $": no free area of memory for {piece}.",
            [new Fix("Reserve more memory (crashkernel=), or make the image smaller (dracut_args --omit-drivers in /etc/kdump.conf)",
                "cat /sys/kernel/kexec_crash_size; ls -l /boot/*kdump* /var/lib/kdump/")]);
    }

    /// <summary>The kernel compares every segment with the reservation (sanity_check_segment_list) and returns EADDRNOTAVAIL.</summary>
    private static (string Why, Fix[] Fixes) Outside(Facts facts)
    {
        KexecSegment[] segments = [.. facts.Of<KexecSegment>().DistinctBy(s => s.Number)];
        CrashRange[] ranges = [.. facts.Of<CrashRange>()];
        Fix compare = new("Compare the addresses of kexec's segments with the reserved range",
            "grep -i 'crash kernel' /proc/iomem; kexec -d -p /boot/vmlinuz-$(uname -r) --reuse-cmdline 2>&1 | grep segment");
        KexecSegment? stray;
        if (ranges.Length > 0)
            stray = segments.FirstOrDefault(s => !ranges.Any(r => s.Address >= r.First && s.Address <= r.Last));
        else
            stray = segments.Length < 2 ? null : Farthest(segments);
        if (stray is null)
        {
            return ("A segment is not inside the reserved memory, or nothing is reserved (EADDRNOTAVAIL).",
                [compare,
                    new Fix("Compare the size of kernel and image with the reservation, and raise crashkernel= if they do not fit",
                    "cat /sys/kernel/kexec_crash_size; ls -l /boot/*kdump* /var/lib/kdump/")]);
        }
        return ($"Segment {stray.Number} is for address 0x{stray.Address:x}, outside the reservation" +
            (ranges.Length > 0 ? $" (0x{ranges[0].First:x} - 0x{ranges[0].Last:x})" : ", which contains the other segments") +
            (stray.Number == 0 ? ". It is the kernel itself, at the address for which it was linked: " +
                "it is not relocatable (CONFIG_RELOCATABLE), or this kexec-tools does not move a kernel of this format. " +
                "The size of the reservation does not matter."
                : "."),
            [new Fix(
                "Use a relocatable kernel " +
                "(CONFIG_RELOCATABLE=y), one that was linked for the crash kernel's address, or a newer kexec-tools",
                "grep -E 'RELOCATABLE|PHYSICAL_START|CRASH_DUMP' /boot/config-$(uname -r); kexec --version"), compare]);
    }

    /// <summary>For a kernel that is started on purpose no reservation is needed: EADDRNOTAVAIL then comes from other limits.</summary>
    private static (string Why, Fix[] Fixes) OutsideMemory(Facts facts)
    {
        KexecSegment? odd = facts.Of<KexecSegment>().FirstOrDefault(s => s.Address % 4096 != 0 || s.Address == 0);
        return ("The kernel refuses the address of a segment (EADDRNOTAVAIL): it does not begin and end at a page, " +
            "overlaps no memory, or lies behind what kexec may use on this architecture." + odd switch
            {
                null => "",
                _ when odd.Address == 0 => $" Segment {odd.Number} is for address 0: " +
                    "kexec found no place for it, or this version placed it wrongly.",
                _ => $" Segment {odd.Number}, at 0x{odd.Address:x}, does not begin at a page.",
            } +
            " Where it goes kexec-tools decides.",
            [new Fix("Try a newer kexec-tools, and the image form of this architecture (bzImage, Image) instead of vmlinux",
                "kexec --version; kexec -d -l FILE 2>&1 | tail -40; grep 'System RAM' /proc/iomem")]);
    }

    /// <summary>The segment that is far away from all others.</summary>
    private static KexecSegment? Farthest(KexecSegment[] segments)
    {
        (KexecSegment Segment, ulong Nearest)[] all = [.. segments.Select(s => (s, segments.Where(o => o != s)
            .Min(o => o.Address > s.Address ? o.Address - s.Address : s.Address - o.Address))).OrderByDescending(p => p.Item2)];
        return all[0].Nearest > FarApart && all[0].Nearest / 2 > all[1].Nearest ? all[0].Segment : null;
    }

    private static IEnumerable<Source> Places(ToolSaid? reason, Facts facts) => (reason?.Message.Mark) switch
    {
        KexecMessages.Outside => facts.Of<KexecSegment>().DistinctBy(s => s.Number).Select(s => s.Source).Take(3).Concat(
            facts.Of<CrashRange>().Select(r => r.Source).Take(2)),
        KexecMessages.NoPlace => facts.Of<CrashRange>().Select(r => r.Source).Take(2),
        _ => [],
    };

    private static Fix ByHand(DumpService service) => new("Load it by hand to see kexec's own messages, which the service does not log",
        (service == DumpService.KdumpTools
            ? "kexec -d -p /var/lib/kdump/vmlinuz --initrd=/var/lib/kdump/initrd.img --reuse-cmdline"
            : "kexec -d -p /boot/vmlinuz-$(uname -r) --initrd=/boot/initramfs-$(uname -r)kdump.img --reuse-cmdline") +
        " 2>&1 | tail -40; dmesg | tail -20");

    private static ulong? Hex(string text) =>
        ulong.TryParse(text.AsSpan(text.StartsWith("0x", StringComparison.Ordinal) ? 2 : 0), NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture, out ulong value) ? value : null;

    private static string Size(ulong bytes) => bytes < 1 << 20 ? $"{(bytes + 1023) >> 10} KiB" : $"{(bytes + (1 << 19)) >> 20} MiB";
}
