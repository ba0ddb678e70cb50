using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>No memory is set aside for a crash kernel, so none can be loaded: kernel/crash_reserve.c, kexec-tools, kdumpctl.</summary>
public sealed class CrashkernelNotReserved : Rule
{
    public override string Id => "crashkernel-not-reserved";

    public override Entry Entry => new("crashkernel-not-reserved", "no memory is set aside for a crash kernel")
    {
        Area = Area.Preparing,
        Signature =
        [
            "crashkernel reservation failed - No suitable area found.",
            "crashkernel reservation failed - memory is in use.",
            "crashkernel: memory value expected",
            "Memory for crashkernel is not reserved",
            "No memory reserved for crash kernel",
            "No crashkernel memory reserved, Kdump cannot start.",
        ],
        Cause = "crashkernel= is not on the command line, cannot be understood (crashkernel=auto outside of the distributions that know " +
            "it), names only ranges above the memory this machine has (the common default begins at 2 GB, 4 GB with fadump), or no free " +
            "stretch of that size was found: fragmented low memory, or a fixed @address.",
        Fixes = [new("Give a size without an address, allowing high memory: crashkernel=512M,high; or let the tools choose",
            "kdumpctl reset-crashkernel --kernel=ALL", "needs a reboot")],
        Origin = "kernel/crash_reserve.c, arch/x86/kernel/setup.c, kexec-tools kexec.c, kdump-utils kdump-lib.sh and commit a617bf2",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        DumpProgress[] signs = facts.Of<DumpProgress>().Where(p => p.Step == DumpStep.NotReserved && p.Boot?.Capture != true).ToArray();
        // A second try of the kernel may succeed (high memory after low memory): then it is reserved.
        signs = signs.Where(s => !facts.Of<DumpProgress>()
            .Any(p => p.Step == DumpStep.Reserved && p.Boot == s.Boot && p.Source.Order > s.Source.Order)).ToArray();
        if (signs.Length == 0)
            yield break;
        string text = signs[0].Source.Text;
        KernelCommandLine? line = facts.Of<KernelCommandLine>().FirstOrDefault(c => c.Boot == signs[0].Boot);
        string? asked = line?.Text.Split(' ').FirstOrDefault(w => w.StartsWith("crashkernel=", StringComparison.Ordinal));
        (string why, Fix[] fixes) = text.Contains("No suitable area", StringComparison.Ordinal) ||
            text.Contains("memory is in use", StringComparison.Ordinal) || text.Contains("cannot allocate", StringComparison.Ordinal)
            ? ("The kernel found no free stretch of physical memory of that size at that place.",
                new[] { new Fix("Ask without a fixed address (no @offset) and allow memory above 4 GB: crashkernel=512M,high",
                    "grubby --update-kernel=ALL --args=crashkernel=512M,high", "needs a reboot") })
            : text.Contains("value expected", StringComparison.Ordinal) || text.Contains("invalid size", StringComparison.Ordinal)
            ? ("The kernel could not make sense of the value of crashkernel=; crashkernel=auto exists only in some distributions' kernels.",
                [new Fix("Give a size or ranges: crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M",
                    "kdumpctl reset-crashkernel --kernel=ALL   # Debian: /etc/default/grub.d/kdump-tools.cfg, update-grub",
                    "needs a reboot")])
            : (asked is null && line is not null ? "The command line holds no crashkernel= at all."
                : "The running kernel has nothing set aside; a crashkernel= that was added later works from the next boot on.",
                CrashKernelOption.Reserve("256M", "by a crashkernel= parameter").ToArray());
        yield return new Finding(Id,
            "no memory is set aside for a crash kernel" + (asked is null ? "" : $" although {asked} was asked for"), Severity.Error, 0.95,
            why + " Until then a crash leaves no dump.")
        {
            Fixes = fixes,
            Evidence = signs.Select(s => s.Source).Take(3).Concat(line is null ? [] : [line.Source]).ToArray(),
        };
    }
}
