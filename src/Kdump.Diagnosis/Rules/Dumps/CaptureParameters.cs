using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The command line that a crash kernel printed holds what it should not: the same judgement as of an image's, and it explains what came of
/// it.
/// </summary>
public sealed class CaptureParameters : Rule
{
    public override string Id => "cmdline-parameter-harmful";

    public override Entry Entry => new("cmdline-parameter-harmful", "the crash kernel gets a parameter it should not")
    {
        Area = Area.Image,
        Signature = ["hugepages=, hugetlb_cma=, cma=, swiotlb=, slub_debug=, maxcpus=, panic_on_warn …"],
        Cause = "Inherited from the first kernel: it takes memory (log_buf_len=64M, hugepages=, slub_debug= 33 MB, prot_virt 2.5 GB) or " +
            "ends the crash kernel early (panic_on_warn). maxcpus= leaves the other CPUs possible, nr_cpus= is meant.",
        Fixes = [new("KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (KernelCommandLine line in facts.Of<KernelCommandLine>().Where(l => l.Boot?.Capture == true).DistinctBy(l => l.Text))
        {
            // The release, the name of the kernel's file, or what only one architecture's consoles are called.
            bool other = ImageParameters.IsOther(line.Boot?.Release ?? "") || ImageParameters.IsOther(line.Text) ||
                line.Text.Contains("console=hvc0", StringComparison.Ordinal) ||
                    line.Text.Contains("noirqdistrib", StringComparison.Ordinal) ||
                line.Text.Contains("ehea.use_mcs", StringComparison.Ordinal) || facts.Of<KernelBanner>().Any(b => b.Boot == line.Boot &&
                ImageParameters.IsOther(b.Source.Text));
            foreach (KernelParameter p in CommandLine.Parse(line.Text).Parameters)
            {
                foreach (Finding finding in ImageParameters.Of(new CaptureParameter(From(line, p.Name), p.Name, p.Value), other))
                    yield return finding with { Explains = p.Name == "panic_on_warn" ? ["capture-kernel-panic"] : finding.Id == Id
                        ? ["crashkernel-too-small", "capture-kernel-oom"] : [] };
            }
        }
    }

    /// <summary>Of a long line the words that prove it.</summary>
    private static Source From(KernelCommandLine line, string name)
    {
        int at = line.Text.IndexOf(name, StringComparison.Ordinal);
        return at < 0 ? line.Source : Source.Of(line.Source.Input, line.Text.AsSpan(at), line.Source.Line);
    }
}
