using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Pci;

/// <summary>Four stories as their authors wrote them down, each with what he found in the end.</summary>
public sealed class SeedTests
{
    [CorpusFact("../seeds")]
    public void Each_story_ends_in_what_its_author_found()
    {
        (string Story, string[] Findings)[] stories =
        [
            ("000_*", ["iommu-enabled-by-default"]),
            ("001_*", ["acs-missing", "iommu-group-failed", "driver-probe-failed"]),
            ("002_*", ["mce-fatal", "mce-corrected"]),
            ("003_*", ["aer-uncorrectable", "vf-not-recovered"]),
        ];
        foreach ((string story, string[] findings) in stories)
        {
            string path = Directory.EnumerateFiles(Corpora.Find("../seeds")!, story).Single();
            string output = Run.Kdt("explain", path).Output;
            foreach (string finding in findings)
                Assert.Contains($"[{finding},", output, StringComparison.Ordinal);
        }
    }
}
