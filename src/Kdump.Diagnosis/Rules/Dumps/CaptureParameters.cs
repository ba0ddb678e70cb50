using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Rules.Images;
using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Rules.Dumps;

/// <summary>
/// The command line that a crash kernel printed contains a harmful parameter: judged like the command line of an image, and linked
/// to its consequences.
/// </summary>
public sealed class CaptureParameters : Rule
{
    public override string Id => "cmdline-parameter-harmful";

    public override Entry Entry => new("cmdline-parameter-harmful", "the crash kernel gets a harmful parameter")
    {
        Area = Area.Image,
        Signature = ["hugepages=, hugetlb_cma=, cma=, swiotlb=, slub_debug=, maxcpus=, panic_on_warn …"],
        Cause = "Inherited from the first kernel: it takes memory (log_buf_len=64M, hugepages=, slub_debug= 33 MB, prot_virt 2.5 GB) " +
            "or ends the crash kernel early (panic_on_warn). maxcpus= still counts the other CPUs as possible; use nr_cpus= instead.",
        Fixes = [new("KDUMP_COMMANDLINE_REMOVE in /etc/sysconfig/kdump")],
        Origin = "init/initramfs.c, dracut, kdump-utils",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        foreach (KernelCommandLine line in facts.Of<KernelCommandLine>().Where(l => l.Boot?.Capture == true).DistinctBy(l => l.Text))
        {
            // The architecture shows in the release, in the name of the kernel file, or in console names that only one architecture has.
            bool other = ImageParameters.IsOther(line.Boot?.Release ?? "") || ImageParameters.IsOther(line.Text) ||
                line.Text.Contains("console=hvc0", StringComparison.Ordinal) ||
                    line.Text.Contains("noirqdistrib", StringComparison.Ordinal) ||
                line.Text.Contains("ehea.use_mcs", StringComparison.Ordinal) || facts.Of<KernelBanner>().Any(b => b.Boot == line.Boot &&
                ImageParameters.IsOther(b.Source.Text));
            foreach (KernelParameter p in CommandLine.Parse(line.Text).Parameters)
            {
                foreach (Finding finding in ImageParameters.Of(new CaptureParameter(From(line, p.Name), p.Name, p.Value), other))
                {
                    IReadOnlyList<FindingRef> explains = p.Name switch
                    {
                        "panic_on_warn" => ["capture-kernel-panic"],
                        _ when finding.Id == Id => ["crashkernel-too-small", "capture-kernel-oom"],
                        _ => [],
                    };
                    yield return finding with { Explains = explains };
                }
            }
        }
    }

    /// <summary>The words of a long line that prove the finding.</summary>
    private static Source From(KernelCommandLine line, string name)
    {
        int at = line.Text.IndexOf(name, StringComparison.Ordinal);
        return at < 0 ? line.Source : Source.Of(line.Source.Input, line.Text.AsSpan(at), line.Source.Line);
    }
}
