using System.Globalization;
using Kdump.Diagnosis.Catalogue.Tools;
using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>No memory is reserved for a crash kernel, so none can be loaded: kernel/crash_reserve.c, kexec-tools, kdumpctl.</summary>
public sealed class CrashkernelNotReserved : Rule
{
    /// <summary>The kernel tries high memory immediately after low memory; a success many lines later belongs to another boot.</summary>
    private const int LinesOfOneTry = 3;

    private static readonly Fix[] NoRoom =
    [
        new("Reserve without a fixed address (no @offset) and allow memory above 4 GB: " +
            "crashkernel=512M,high (x86, and arm64 and riscv of new kernels)",
                "grubby --update-kernel=ALL --args=crashkernel=512M,high   # Debian: /etc/default/grub.d/kdump-tools.cfg, update-grub",
            "needs a reboot"),
        new("Or reserve less; check which ranges are free", "grep -i ram /proc/iomem; cat /proc/cmdline"),
    ];

    public override string Id => "crashkernel-not-reserved";

    public override Entry Entry => new("crashkernel-not-reserved", "no memory is reserved for a crash kernel")
    {
        Area = Area.Preparing,
        Signature =
        [
            "crashkernel reservation failed - No suitable area found.",
            "crashkernel reservation failed - memory is in use.",
            "cannot allocate crashkernel (size:0x…)",
            "crashkernel: memory value expected",
            "no crashkernel= parameter in the kernel cmdline",
            "Memory for crashkernel is not reserved",
            "No memory reserved for crash kernel",
            "No crashkernel memory reserved, Kdump cannot start.",
        ],
        Cause = "crashkernel= is not on the command line, is invalid (crashkernel=auto is supported only by some distributions), " +
            "names only ranges above this machine's memory size (the common default begins at 2 GB, " +
            "4 GB with fadump), or no free range of that size was found: fragmented low memory, or a fixed @address.",
        Fixes = [new("Give a size without an address and allow high memory: crashkernel=512M,high; or let the tools choose",
            "kdumpctl reset-crashkernel --kernel=ALL", "needs a reboot")],
        Origin = "kernel/crash_reserve.c, arch/x86/kernel/setup.c, kexec-tools kexec.c, kdump-utils kdump-lib.sh and commit a617bf2",
    };

    /// <summary>Memory sizes as the kernel prints them, in hexadecimal.</summary>
    private static ulong? Bytes(string text) => text.StartsWith("0x", StringComparison.Ordinal) &&
        ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bytes) ? bytes : null;

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        ToolSaid[] signs = facts.Of<ToolSaid>().Where(p => p.Message.Stage == ToolStage.Reserving && p.Boot?.Capture != true).ToArray();
        // The kernel's second attempt (high memory after low memory) may succeed; then memory is reserved.
        signs = signs.Where(s => !facts.Of<DumpProgress>()
            .Any(p => p.Step == DumpStep.Reserved && p.Boot == s.Boot && p.Source.Order > s.Source.Order &&
                p.Source.Order < s.Source.Order + LinesOfOneTry)).ToArray();
        if (signs.Length == 0)
            yield break;
        ToolSaid first = signs.FirstOrDefault(s => s.Message.Mark != ReserveMessages.Missing) ?? signs[0];
        KernelCommandLine? line = facts.Of<KernelCommandLine>().FirstOrDefault(c => c.Boot == first.Boot);
        string? asked = line is not null && CrashkernelRequest.Of(line.Text) is { Any: true } request ? "crashkernel=" + request.Text
            : null;
        string size = first.Taken.Count > 0 && Bytes(first.Taken[0]) is { } bytes ? $" ({bytes >> 20} MB)" : "";
        bool sonic = DumpServices.Mention(facts, "sonic ") || DumpServices.Mention(facts, "sonic-");
        Fix[] reserve = [.. CrashKernelOption.Reservation(256, "by a crashkernel= parameter")];
        (string why, Fix[] fixes) = first.Message.Mark switch
        {
            ReserveMessages.NoRoom =>
                ($"The kernel found no free range of physical memory of that size{size}: " +
                    "it must be contiguous, and on many machines below 4 GB, where the kernel itself and firmware occupy parts.", NoRoom),
            ReserveMessages.InUse =>
                ("The memory at the address given by crashkernel=…@… is in use, does not exist, or cannot be used for this.",
                NoRoom),
            ReserveMessages.Value =>
                ("The kernel could not parse the value of crashkernel=; crashkernel=auto exists only in some distributions' kernels.",
                new[] { new Fix("Give a size or ranges: crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M",
                    "kdumpctl reset-crashkernel --kernel=ALL   # Debian: /etc/default/grub.d/kdump-tools.cfg, update-grub",
                    "needs a reboot") }),
            _ when sonic => ("The command line has no effective crashkernel=; SONiC sets it when kdump is enabled.",
                [new Fix("Enable kdump in SONiC's own settings; it takes effect at the next boot",
                    "config kdump enable && config save -y && reboot", "needs a reboot")]),
            _ when asked is null && line is not null => ("The command line has no crashkernel= parameter.", reserve),
            _ when first.Source.Text.Contains("no crashkernel= parameter", StringComparison.OrdinalIgnoreCase) =>
                ("The running kernel's command line has no crashkernel= parameter.", reserve),
            _ => ("The running kernel has reserved nothing: crashkernel= is missing, was added later (it takes effect at the next boot), " +
                "or the reservation failed, which the kernel reports in its first lines (dmesg | grep -i crash).", reserve),
        };
        yield return new Finding(Id,
            "no memory is reserved for a crash kernel" + (asked is null ? "" : $" although {asked} was requested"), Severity.Error, 0.95,
            why + " Until then a crash leaves no dump.")
        {
            Fixes = fixes,
            Evidence = signs.OrderByDescending(s => s == first).Select(s => s.Source).Take(3).Concat(line is null ? [] : [line.Source])
                .ToArray(),
        };
    }
}
