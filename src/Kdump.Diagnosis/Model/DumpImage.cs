namespace Kdump.Diagnosis.Model;

/// <summary>How each distribution rebuilds and loads the image of its crash kernel.</summary>
public static class DumpImage
{
    /// <summary>
    /// Fixes that rebuild and load the image, one per distribution; <see cref="Verdict.For"/> selects the one for the machine.
    /// </summary>
    /// <param name="what">What to do before that; "Rebuild the image" if there is nothing to do first.</param>
    public static IEnumerable<Fix> Rebuild(string what = "Rebuild the image", string? risk = null) =>
        ForEach(t => new Fix(what, Command(t), risk));

    /// <summary>A fix that differs by distribution, for each of them.</summary>
    public static IEnumerable<Fix> ForEach(Func<KdumpTools, Fix> of) =>
        new[] { KdumpTools.RedHat, KdumpTools.Debian, KdumpTools.Suse }.Select(t => of(t) with { For = t });

    /// <summary>The unit that loads the crash kernel.</summary>
    public static string Service(KdumpTools tools) => tools == KdumpTools.Debian ? "kdump-tools" : "kdump";

    /// <summary>The command that rebuilds and loads the image.</summary>
    public static string Command(KdumpTools tools) => tools switch
    {
        // The hook writes the image over the old one; kdump-config load builds only what is missing.
        KdumpTools.Debian => "kdump-config unload; /etc/kernel/postinst.d/kdump-tools \"$(uname -r)\" && kdump-config load",
        KdumpTools.Suse => "mkdumprd -f && systemctl restart kdump",
        _ => "kdumpctl rebuild && kdumpctl restart",
    };

    /// <summary>The command that loads the configured image without rebuilding it.</summary>
    public static string Reload(KdumpTools tools) => tools switch
    {
        KdumpTools.Debian => "kdump-config unload; kdump-config load",
        KdumpTools.Suse => "systemctl restart kdump",
        _ => "kdumpctl restart",
    };

    /// <summary>The file where modules for the image are named, as a sentence.</summary>
    public static Fix Module(KdumpTools tools, string module) => tools switch
    {
        KdumpTools.Debian => new($"Name {module} in /etc/initramfs-tools/modules and rebuild the image",
            $"echo {module} >> /etc/initramfs-tools/modules; {Command(tools)}")
        { For = tools, Undo = $"sed -i '/^{module}$/d' /etc/initramfs-tools/modules; {Command(tools)}" },
        KdumpTools.Suse => new($"Name {module} in a file of /etc/dracut.conf.d and rebuild the image",
            $"echo 'add_drivers+=\" {module} \"' > /etc/dracut.conf.d/90-kdump-{module}.conf && {Command(tools)}")
        { For = tools, Undo = $"rm /etc/dracut.conf.d/90-kdump-{module}.conf && {Command(tools)}" },
        _ => new($"Name {module} in extra_modules of /etc/kdump.conf and rebuild the image",
            $"grep -q '^extra_modules' /etc/kdump.conf && sed -i 's/^extra_modules.*/& {module}/' /etc/kdump.conf || " +
            $"echo 'extra_modules {module}' >> /etc/kdump.conf; {Command(tools)}")
        { For = tools, Undo = $"sed -i '/^extra_modules/s/ {module}$//; /^extra_modules *$/d' /etc/kdump.conf; {Command(tools)}" },
    };

    /// <summary>Leaves a module out of the image, on each distribution.</summary>
    public static IEnumerable<Fix> Omit(string module)
    {
        yield return new Fix($"Leave {module} out of the image: dracut_args --omit-drivers in /etc/kdump.conf",
            $"echo 'dracut_args --omit-drivers \"{module}\"' >> /etc/kdump.conf && {Command(KdumpTools.RedHat)}",
            "only one dracut_args line is allowed: add to it where there is one")
        { For = KdumpTools.RedHat, Undo = $"sed -i '/^dracut_args --omit-drivers \"{module}\"$/d' /etc/kdump.conf; " +
            Command(KdumpTools.RedHat) };
        yield return new Fix($"Keep {module} from being loaded in the crash kernel: KDUMP_CMDLINE_APPEND in /etc/default/kdump-tools",
            $"sed -i 's/^#\\?\\(KDUMP_CMDLINE_APPEND=.*\\)\"$/\\1 modprobe.blacklist={module}\"/' /etc/default/kdump-tools; " +
            Reload(KdumpTools.Debian))
        { For = KdumpTools.Debian, Undo = $"sed -i 's/ modprobe.blacklist={module}//' /etc/default/kdump-tools; " +
            Reload(KdumpTools.Debian) };
        yield return new Fix($"Keep {module} from being loaded in the crash kernel: KDUMP_COMMANDLINE_APPEND in /etc/sysconfig/kdump",
            $"sed -i '/^KDUMP_COMMANDLINE_APPEND=/s/\"$/ modprobe.blacklist={module}\"/' /etc/sysconfig/kdump && " +
            Reload(KdumpTools.Suse))
        { For = KdumpTools.Suse, Undo = $"sed -i 's/ modprobe.blacklist={module}//' /etc/sysconfig/kdump && " +
            Reload(KdumpTools.Suse) };
    }

    /// <summary>The same for every distribution.</summary>
    public static IEnumerable<Fix> Modules(string module) => ForEach(t => Module(t, module));
}
