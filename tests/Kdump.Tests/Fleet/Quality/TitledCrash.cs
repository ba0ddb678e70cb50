using System.Text.RegularExpressions;
using Kdump.Diagnosis.Crashes;
using Kdump.Tests.Crashes;

namespace Kdump.Tests.Fleet.Quality;

/// <summary>A crash of which nothing is known but its title, as syzbot has it: a report is made of that and read.</summary>
internal static partial class TitledCrash
{
    public static CrashShape Of(string title)
    {
        Match m = Title().Match(title);
        string text = !m.Success ? "" : (m.Groups["tool"].Value, m.Groups["what"].Value, m.Groups["f"].Value) switch
        {
            ("KASAN: ", var what, var f) =>
                $"BUG: KASAN: {what.Split(' ')[0]} in {f}+0x1/0x2\n{(what.EndsWith("Write") ? "Write" : "Read")} of size 8 " +
                $"at addr ffff888000001000 by task a/1\n{Rest(f)}",
            ("KMSAN: ", var what, var f) => $"BUG: KMSAN: {what} in {f}+0x1/0x2\n{Rest(f)}",
            (_, "general protection fault", var f) =>
                $"general protection fault, probably for non-canonical address 0xdffffc0000000000: 0000 [#1] SMP\n{Rest(f)}",
            (_, "BUG: unable to handle kernel NULL pointer dereference", var f) =>
                $"BUG: kernel NULL pointer dereference, address: 0000000000000008\n{Rest(f)}",
            (_, "BUG: unable to handle kernel paging request", var f) =>
                $"BUG: unable to handle page fault for address: ffffc90000a3d008\n{Rest(f)}",
            (_, "WARNING", var f) => $"WARNING: CPU: 0 PID: 1 at a/b.c:1 {f}+0x1/0x2\n{Rest(f)}",
            _ => "",
        };
        return text.Length > 0 && LogCorpus.Read("Linux version 5.0.0\n" + text).Crashes.FirstOrDefault() is { } crash
            ? CrashShape.Of(crash) with { Title = title }
            : new CrashShape("title:" + title, title, "other", title, [], null, null, []);
    }

    private static string Rest(string f) =>
        $"CPU: 0 PID: 1 Comm: a Not tainted 5.0.0 #1\nRIP: 0010:{f}+0x1/0x2\nCall Trace:\n {f}+0x1/0x2\n";

    [GeneratedRegex(@"^(?<tool>KASAN: |KMSAN: )?(?<what>.+?) in (?<f>[\w.]+)(?: \(\d+\))?$")]
    private static partial Regex Title();
}
