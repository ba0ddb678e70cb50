namespace Kdump.Probe.Screens;

internal static class HelpText
{
    public const string Text = """
        kdump-probe: why does this crash kernel not write its dump?

          kdump-probe                     what the dump needs, what is there, which
                                          device failed, why, and what to change
          kdump-probe --json              the same as data
          kdump-probe watch --after 20s   waits, then reports only if the dump
                                          target is still missing
          kdump-probe rebind BDF --yes    unbinds and binds a PCI function, watches
                                          the kernel
                                          example: kdump-probe rebind 0000:1d:00.0
                                                   --yes
          kdump-probe trace FUNCTION --bind BDF --yes
                                          traces one probe attempt, names the call
                                          that failed
                                          example: kdump-probe trace
                                                   request_threaded_irq
                                                   --bind 0000:1d:00.0 --yes

          --hook       for kdump_pre: exit 0 whatever is found
          --kmsg       write the report to /dev/kmsg and /dev/pmsg0 too (the default
          --no-kmsg    for the plain report in a crash kernel), or do not
          --root DIR   read a saved tree of /proc, /sys, /etc ... instead of the live
                       system
          --peak       print on stderr how much memory the run used
          -V, --version  version, commit, framework
          -h, --help   this text

        Exit codes: 0 no error found, 1 a finding of severity error or critical,
        2 the check could not be done.

        """;
}
