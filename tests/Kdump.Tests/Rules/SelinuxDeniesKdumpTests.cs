using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class SelinuxDeniesKdumpTests
{
    private const string Denial =
        "[   41.799447] type=1400 audit(1516609050.138:5): avc:  denied  { read } for  pid=13056 comm=\"kexec\" " +
        "name=\"vmlinuz-3.10\" dev=\"vda1\" ino=786497 scontext=system_u:system_r:kdump_t:s0 " +
            "tcontext=system_u:object_r:modules_object_t:s0 " +
        "tclass=file permissive=0\n";

    [Fact]
    public void A_denial_names_program_file_and_label_and_explains_the_load_that_failed()
    {
        Verdict verdict = Explained.Verdict(Denial + "kdumpctl[1157]: kexec: failed to load kdump kernel\n");
        Finding finding = Assert.Single(verdict.RootCauses);
        Assert.Equal("selinux-denies-kdump", finding.Id);
        Assert.Contains("kexec (kdump) read vmlinuz-3.10", finding.Title, StringComparison.Ordinal);
        Assert.Contains("modules_object_t", finding.Why, StringComparison.Ordinal);
        Assert.Contains("restorecon", finding.Fixes[0].Command, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kdump_t", "kdumpctl_t")]
    public void Its_other_domain_counts_as_well(string from, string to) =>
        Assert.Single(Explained.Findings("selinux-denies-kdump", Denial.Replace(from, to, StringComparison.Ordinal)));

    [Fact]
    public void What_is_only_noted_or_of_another_domain_is_left_alone()
    {
        Assert.Empty(Explained.Findings("selinux-denies-kdump", Denial.Replace("permissive=0", "permissive=1", StringComparison.Ordinal)));
        Assert.Empty(Explained.Findings("selinux-denies-kdump",
            "avc:  denied  { read } for pid=1 comm=\"cat\" name=\"x\" scontext=u:r:httpd_t:s0 tcontext=u:o:kdump_log_t:s0 permissive=0\n"));
    }
}
