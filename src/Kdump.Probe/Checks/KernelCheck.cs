using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Probe.Machine;

namespace Kdump.Probe.Checks;

/// <summary>
/// Identity of the running kernel. This check runs first, because it determines whether all later facts are about the capture kernel.
/// </summary>
internal sealed class KernelCheck : Check
{
    public override string Name => "kernel";

    public override void Run(Root root, Facts facts)
    {
        string? text = root.Text("/proc/cmdline");
        string release = root.Text("/proc/sys/kernel/osrelease") ?? "";
        bool vmcore = root.Exists("/proc/vmcore");
        var boot = new Boot("/proc/cmdline", 0) { Release = release };
        Source source = Source.Of("/proc/cmdline", text ?? "", text is null ? 0 : 1);
        if (text is not null)
        {
            boot.CommandLine = text;
            BootIdentity.Judge(boot, text, source, x86: false);
        }
        // Only a capture kernel has /proc/vmcore; other architectures get the old kernel's address from the device tree.
        if (vmcore)
            boot.Decide(capture: true, new Source("/proc/vmcore", ""));
        else if (text is not null)
            boot.Decide(capture: false, source);
        facts.Boot = boot;
        if (text is null && release.Length == 0 && !vmcore)
            return;
        var line = CommandLine.Parse(text ?? "");
        int possible = Cpus(root, "possible"), online = Cpus(root, "online");
        facts.Add(new KernelState(source, release, text ?? "", boot.Capture, vmcore, line.LastNumber("nr_cpus"), line.LastNumber("maxcpus"),
            possible, online, Uptime(root)));
        if (text is not null)
            facts.Add(new KernelCommandLine(source, text));
    }

    private static int Cpus(Root root, string which) => CpuList.Count(root.Text("/sys/devices/system/cpu/" + which) ?? "-") ?? -1;

    private static int Uptime(Root root)
    {
        var c = new TextCursor(root.Text("/proc/uptime", 128) ?? "");
        return c.Number(out long seconds) && seconds is >= 0 and < int.MaxValue ? (int)seconds : -1;
    }
}
