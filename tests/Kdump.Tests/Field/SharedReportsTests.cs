using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Rules;
using Kdump.Sources.Cases;

namespace Kdump.Tests.Field;

/// <summary>
/// The reports and the smallest inputs of ../shared/field, each with its right value. Where a <c>must</c> of a report is wrong, it stands
/// in <see cref="Exceptions"/> with the reason.
/// </summary>
public sealed class SharedReportsTests
{
    private static readonly Dictionary<string, string> Exceptions = [];

    /// <summary>Input, what the verdict must hold (<c>a|b</c>: either; several behind <c>;</c>), and what it must not hold.</summary>
    private static readonly (string File, string Must, string MustNot)[] Smallest =
    [
        ("avc.log", "selinux-denies-kdump;kexec", ""),
        ("bye.log", "crash-kernel-silent", "nothing wrong"),
        ("cap-inline.log", "capture-kernel-panic;invalid compressed format", "nothing wrong"),
        ("cap-own.log", "capture-kernel-panic;invalid compressed format", "nothing wrong"),
        ("cfgshow.txt", "kdump-not-ready", "nothing wrong"),
        ("cfgshow2.txt", "kdump-not-ready", "nothing wrong"),
        ("ci1.log", "capture-kernel-panic", ""),
        ("ci2.log", "capture-kernel-panic", ""),
        ("ci3.log", "capture-kernel-panic", ""),
        ("ci4.log", "capture-kernel-panic", ""),
        ("ci5.log", "capture-kernel-panic", ""),
        ("ci6.log", "capture-kernel-panic", ""),
        ("cpenomem.log", "vmcore-unreadable;cannot allocate memory", "makedumpfile-failed"),
        ("crashdet.log", "crash kernel;initramfs", ""),
        ("crashtool.txt", "crash-cannot-open-dump", ""),
        ("efault.log", "vmcore-unreadable;bad address", "newer makedumpfile"),
        ("emergency.log", "root-not-found|root-not-mounted", "nothing wrong"),
        ("filetype.log", "kexec-load-rejected;file type|image", ""),
        ("kexecabort.log", "dump-tool-crashed;kexec crashed", ""),
        ("nfs.log", "dump-target-mount-failed", "makedumpfile-failed"),
        ("ni1.log", "kernel-panic", "capture-kernel-panic"),
        ("nocrashcent.log", "crashkernel-not-reserved", ""),
        ("oe.txt", "40 corrected;CPU_SrcID#0_MC#1_Chan#2_DIMM#1", ""),
        ("oom-inl.log", "capture-kernel-oom", ""),
        ("order.txt", "dimm-failing|memory-page-poisoned;mce-fatal", ""),
        ("order2.txt", "mce-fatal;kernel-panic", ""),
        ("panic-inline.log", "kernel-panic", ""),
        ("panic-own.log", "kernel-panic", ""),
        // kdump-utils itself gives maxcpus=1 to a crash kernel of powerpc: alone it is no trouble.
        ("ppcmax.log", "nothing wrong", "cmdline-parameter-harmful"),
        ("purg.log", "capture-kernel-panic", ""),
        ("rootmount.log", "root-not-mounted", "nothing wrong"),
        ("saved-then-dmesg.log", "dump-saved;dmesg-not-saved", "makedumpfile-failed"),
        ("saved1.log", "dump-saved", "makedumpfile-failed"),
        ("segv.log", "dump-tool-crashed", "nothing wrong"),
        ("sonic1.log", "crashkernel-not-reserved", ""),
        ("sonic2.log", "crashkernel-not-reserved", ""),
        ("squash.log", "kdump-image-not-built;squash", "extra_bins"),
        // It is kdump-utils' own default on arm64, and means that there is no bounce buffer.
        ("swiotlb.log", "nothing wrong|no known trouble", "cmdline-parameter-harmful"),
        ("two-dimms.txt", "CPU_SrcID#0_MC#1_Chan#2_DIMM#1;CPU_SrcID#1_MC#0_Chan#0_DIMM#0", "the failing DIMM"),
        ("two-ports.txt", "0000:00:01.0;0000:80:02.0", ""),
        ("udevw.log", "device-hangs-udev", ""),
        ("ue-amd.txt", "uncorrected;mc#0csrow#2channel#0", "nothing wrong"),
        ("vmcore1.log", "vmcore-not-there", "makedumpfile-failed"),
        ("x10.log", "dump-tool-crashed;signal 11", ""),
        ("x32.log", "dump-saved;hung-task", ""),
    ];

    [FieldFact]
    public void Each_report_is_judged_right()
    {
        string[] wrong =
        [
            .. FieldReport.Below(FieldFactAttribute.Folder!).Select(r => (r.Name, Verdict: r.Judge()))
                .Where(r => (!r.Verdict.Right || r.Verdict.AllClear) && !Exceptions.ContainsKey(r.Name))
                .Select(r => $"{r.Name}: {r.Verdict}"),
        ];
        Assert.Empty(wrong);
    }

    [FieldFact]
    public void Each_of_the_smallest_inputs_is_judged_right()
    {
        string folder = Path.Combine(FieldFactAttribute.Folder!, "minimal");
        var wrong = new List<string>();
        foreach ((string file, string must, string mustNot) in Smallest)
        {
            Verdict verdict = Verdict.From(Case.Read([Path.Combine(folder, file)], () => Stream.Null).Facts, RuleBook.All);
            string said = string.Join(' ', verdict.Findings.Select(f =>
                $"{f.Id} {f.Title} {f.Why} {string.Join(' ', f.Fixes.Select(x => x.Text))}")
                .Concat(verdict.Unknowns.Select(u => u.Question)).Append(verdict.Headline));
            bool holds = must.Split(';').All(m => m.Split('|').Any(a => said.Contains(a, StringComparison.OrdinalIgnoreCase)));
            if (!holds || (mustNot.Length > 0 && said.Contains(mustNot, StringComparison.OrdinalIgnoreCase)))
                wrong.Add($"{file}: {verdict.Headline}");
        }
        Assert.Empty(wrong);
        Assert.Equal(Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).Order(), Smallest.Select(s => s.File).Order());
    }
}
