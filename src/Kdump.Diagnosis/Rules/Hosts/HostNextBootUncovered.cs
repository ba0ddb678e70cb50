using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>The machine can dump now but not after its next boot: the kernel that the boot loader starts next reserves no memory.</summary>
public sealed class HostNextBootUncovered : Rule
{
    public override string Id => "next-boot-without-dump";

    public override Entry Entry => new("next-boot-without-dump", "after the next boot no memory is reserved for a crash kernel")
    {
        Area = Area.Preparing,
        Signature = ["no crashkernel= in the boot loader's entry, and one on the running kernel's command line"],
        Cause = "The parameter was set by hand for one boot, or a kernel was installed whose boot entry lacks it.",
        Fixes = [new("Add crashkernel= to the boot loader's configuration for every kernel",
            "grubby --update-kernel=ALL --args=crashkernel=256M")],
        Origin = "Boot Loader Specification; grub.cfg",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<NextBoot>() is not [var next, ..])
            yield break;
        foreach (NextImageAbsent absent in facts.Of<NextImageAbsent>())
            yield return NoImage(absent, next);
        if (facts.Of<KernelCommandLine>() is not [var now, ..])
            yield break;
        CrashkernelRequest request = CrashkernelRequest.Of(now.Text);
        string? asked = request.Any ? request.Text : null;
        CommandLine line = CommandLine.Parse(next.CommandLine);
        // The value is not known if the line contains variables of the boot loader.
        if (asked is null || CrashkernelRequest.Of(line).Any || line.Last("fadump") is not null || next.CommandLine.Contains('$'))
            yield break;
        yield return new Finding(Id,
            $"after the next boot{(next.Release.Length > 0 ? $" ({next.Release})" : "")} no memory is reserved for a crash kernel",
            Severity.Warning, 0.85,
            $"The running kernel was started with crashkernel={asked}; the entry that the boot loader starts next has none.")
        {
            Evidence = [next.Source, now.Source],
            Fixes =
            [
                new Fix("Give every kernel the same reservation", $"grubby --update-kernel=ALL --args={request.Argument}")
                { For = KdumpTools.RedHat, Undo = "grubby --update-kernel=ALL --remove-args=crashkernel" },
                new Fix("Add it to the boot loader's configuration and regenerate that",
                    $"echo 'GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT crashkernel={asked}\"' " +
                    "> /etc/default/grub.d/zz-crashkernel.cfg && update-grub")
                { For = KdumpTools.Debian, Undo = "rm /etc/default/grub.d/zz-crashkernel.cfg && update-grub" },
                new Fix("Add it to the boot loader's configuration and regenerate that", "kdumptool commandline -u")
                { For = KdumpTools.Suse, Undo = "kdumptool commandline -d" },
            ],
        };
    }

    private Finding NoImage(NextImageAbsent absent, NextBoot next) =>
        new(Id, $"the kernel that boots next, {absent.Release}, has no crash kernel's image" +
            (absent.Blocks.Length > 0 ? ", and none will be built" : " yet"), absent.Blocks.Length > 0 ? Severity.Warning : Severity.Info,
            absent.Blocks.Length > 0 ? 0.8 : 0.7, absent.Blocks.Length > 0
            ? $"Its first boot would build {absent.Path}, but {absent.Blocks}."
            : $"Its first boot builds {absent.Path}: until then, and where that fails, a crash leaves no dump.")
        {
            Subject = "image",
            Evidence = [absent.Source, next.Source],
            Fixes =
            [
                new Fix("Build it now", $"kdumpctl rebuild {absent.Release}")
                { For = KdumpTools.RedHat, Undo = $"rm {ShellWord.Of(absent.Path)}" },
                new Fix("Build it now", $"/etc/kernel/postinst.d/kdump-tools {absent.Release}")
                { For = KdumpTools.Debian, Undo = $"rm {ShellWord.Of(absent.Path)}" },
                new Fix("See that the service builds it after the boot", "systemctl status kdump; ls -l /var/lib/kdump")
                { For = KdumpTools.Suse },
            ],
        };
}
