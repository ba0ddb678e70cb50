namespace Kdump.Diagnosis.Model;

/// <summary>
/// Where each distribution keeps the command line of the crash kernel, and the commands that change it: RHEL and Fedora (kdump-utils,
/// /etc/sysconfig/kdump), Debian and Ubuntu (kdump-tools, /etc/default/kdump-tools), SUSE (kdump, /etc/sysconfig/kdump).
/// </summary>
public static class CrashKernelOption
{
    private const string AppendRedHat = "/etc/sysconfig/kdump: KDUMP_COMMANDLINE_APPEND",
        AppendDebian = "/etc/default/kdump-tools: KDUMP_CMDLINE_APPEND";

    /// <summary>Gives the crash kernel another number of CPUs, on each distribution.</summary>
    /// <param name="was">The number that it has now; 0: not known.</param>
    public static IEnumerable<Fix> SetCpus(int cpus, int was, string reason, string risk)
    {
        string text = $"Start the crash kernel with nr_cpus={cpus}: {reason}";
        foreach ((KdumpTools tools, string place, Func<int, string> command) in new (KdumpTools, string, Func<int, string>)[]
        {
            (KdumpTools.RedHat, AppendRedHat, n => "sed -i '/^KDUMP_COMMANDLINE_APPEND=/s/\\(nr\\|max\\)_\\?cpus=[0-9]*/" +
                $"nr_cpus={n}/' /etc/sysconfig/kdump && kdumpctl restart"),
            (KdumpTools.Debian, AppendDebian, n => $"sed -i 's/^#\\?\\(KDUMP_CMDLINE_APPEND=.*\\)nr_cpus=[0-9]*/\\1nr_cpus={n}/' " +
                "/etc/default/kdump-tools && kdump-config unload && kdump-config load"),
            (KdumpTools.Suse, "/etc/sysconfig/kdump: KDUMP_CPUS", n => $"sed -i 's/^KDUMP_CPUS=.*/KDUMP_CPUS=\"{n}\"/' " +
                "/etc/sysconfig/kdump && systemctl restart kdump"),
        })
            yield return new Fix(text, command(cpus), risk) { For = tools, Place = place, Undo = was > 0 ? command(was) : null };
    }

    /// <summary>Adds a parameter to the crash kernel's command line, on each distribution.</summary>
    public static IEnumerable<Fix> AddOn(string parameter, string reason, string? risk)
    {
        string text = $"Add {parameter} to the crash kernel's command line: {reason}";
        const string Sysconfig = "/etc/sysconfig/kdump", Default = "/etc/default/kdump-tools";
        foreach ((KdumpTools tools, string load) in new[] { (KdumpTools.RedHat, "kdumpctl restart"),
            (KdumpTools.Suse, "systemctl restart kdump") })
            yield return new Fix(text, $"sed -i '/^KDUMP_COMMANDLINE_APPEND=/s/\"$/ {parameter}\"/' {Sysconfig} && {load}", risk)
            { For = tools, Place = AppendRedHat, Undo = $"sed -i '/^KDUMP_COMMANDLINE_APPEND=/s/ {parameter}//' {Sysconfig} && {load}" };
        yield return new Fix(text,
            $"sed -i 's/^#\\?\\(KDUMP_CMDLINE_APPEND=\".*\\)\"$/\\1 {parameter}\"/' {Default}; " +
            "kdump-config unload; kdump-config load", risk)
        { For = KdumpTools.Debian, Place = AppendDebian,
            Undo = $"sed -i '/^KDUMP_CMDLINE_APPEND=/s/ {parameter}//' {Default}; kdump-config unload; kdump-config load" };
    }

    /// <summary>Reserves memory on each distribution: a change of the first kernel's command line and a reboot.</summary>
    /// <param name="megabytes">The value of <c>crashkernel=</c>.</param>
    public static IEnumerable<Fix> Reservation(long megabytes, string reason)
    {
        // KDUMP_CRASHKERNEL came with kdump 2.0.19, in 2025: SLES 15 SP5 came without it.
        const string Suse = "/etc/sysconfig/kdump", Grub = "grub2-mkconfig -o /boot/grub2/grub.cfg";
        const string Lost = "that much memory is lost to the running system, and the machine must be rebooted";
        yield return new Fix($"Reserve {megabytes} MB: {reason}",
            $"grubby --update-kernel=ALL --args=crashkernel={megabytes}M && reboot", Lost)
        {
            For = KdumpTools.RedHat,
            Undo = "kdumpctl reset-crashkernel --kernel=ALL && reboot   # its default; grubby --info=ALL shows what was there",
        };
        yield return new Fix($"Reserve {megabytes} MB: {reason}",
            $"echo 'GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT crashkernel={megabytes}M\"' " +
            "> /etc/default/grub.d/zz-crashkernel.cfg && update-grub && reboot", Lost)
        { For = KdumpTools.Debian, Undo = "rm /etc/default/grub.d/zz-crashkernel.cfg && update-grub && reboot" };
        yield return new Fix($"Reserve {megabytes} MB: {reason}",
            $"if grep -q ^KDUMP_CRASHKERNEL= {Suse}; then sed -i " +
            $"'s/^KDUMP_CRASHKERNEL=.*/KDUMP_CRASHKERNEL=\"crashkernel={megabytes}M,high\"/' {Suse} && kdumptool commandline -u; else " +
            // What is there already stands behind, and the kernel takes the last one.
            "sed -i.before-kdump -e '/^GRUB_CMDLINE_LINUX/s/ *crashkernel=[^ \"]*//g' -e " +
            $"'s/^GRUB_CMDLINE_LINUX_DEFAULT=\"/&crashkernel={megabytes}M,high crashkernel=72M,low /' /etc/default/grub && {Grub}; fi && " +
            "reboot", Lost)
        {
            For = KdumpTools.Suse,
            Undo = $"if grep -q ^KDUMP_CRASHKERNEL= {Suse}; then sed -i 's/^KDUMP_CRASHKERNEL=.*/KDUMP_CRASHKERNEL=\"auto\"/' {Suse} && " +
                $"kdumptool commandline -u; else mv /etc/default/grub.before-kdump /etc/default/grub && {Grub}; fi && reboot",
        };
    }
}
