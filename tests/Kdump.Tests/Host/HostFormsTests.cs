using System.Text.Json;

namespace Kdump.Tests.Host;

/// <summary>
/// <c>kdt host check</c> on machines in the form of ten distributions: quiet on the healthy ones, and of each planted fault exactly what it
/// is.
/// </summary>
public sealed class HostFormsTests
{
    public static TheoryData<string> Forms => [.. HostForm.RedHat, .. HostForm.Suse, .. HostForm.Debian];

    public static TheoryData<string, string> Planted
    {
        get
        {
            var data = new TheoryData<string, string>();
            // Each fault on one machine of each family that can have it, in turn; KDT_ALL_FORMS=1 takes all.
            bool all = Environment.GetEnvironmentVariable("KDT_ALL_FORMS") == "1";
            for (int i = 0; i < HostFaults.All.Length; i++)
            {
                HostFault fault = HostFaults.All[i];
                foreach (string[] family in (string[][])[HostForm.RedHat, HostForm.Suse, HostForm.Debian])
                {
                    string[] forms = [.. fault.Forms.Where(family.Contains)];
                    foreach (string form in all ? forms : forms.Length == 0 ? [] : [forms[i % forms.Length]])
                        data.Add(fault.Name, form);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_healthy_machine_is_left_alone(string name)
    {
        using var form = new HostForm(name);
        (int exit, string[] findings, JsonElement document) = form.Check();
        Assert.Empty(findings);
        Assert.Empty(document.GetProperty("verdict").GetProperty("unknowns").EnumerateArray());
        Assert.Equal(0, exit);
        Assert.Contains("a panic", form.Run(out _));
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public void A_planted_fault_is_told_and_nothing_else(string name, string on)
    {
        HostFault fault = HostFaults.All.Single(f => f.Name == name);
        using var form = new HostForm(on);
        fault.Plant(form);
        (int exit, string[] findings, JsonElement document) = form.Check();
        Assert.Equal(fault.Ids.Order(StringComparer.Ordinal), findings);
        Assert.Equal(fault.Bad ? 1 : 0, exit);
        Own(form, document);
    }

    [Fact]
    public void The_faults_are_many_and_of_every_family()
    {
        Assert.True(HostFaults.All.Length >= 40, $"{HostFaults.All.Length}");
        foreach (string form in (string[])[.. HostForm.RedHat, .. HostForm.Suse, .. HostForm.Debian])
            Assert.True(HostFaults.All.Count(f => f.Forms.Contains(form)) >= 15, form);
    }

    [Fact]
    public void Monitoring_reads_the_severity_from_the_exit_code_and_one_line()
    {
        using var form = new HostForm("rhel9");
        string fine = form.Run(out int ok, "--nagios");
        Assert.Equal((0, 1), (ok, fine.Trim().Split('\n').Length));
        Assert.StartsWith("KDUMP OK - ", fine);
        Assert.Contains(" | errors=0 warnings=0 loaded=1 reserved=268435456B", fine);
        form.Files["proc/sys/kernel/panic_on_oops"] = "0\n";
        Assert.StartsWith("KDUMP WARNING - ", form.Run(out int warning, "--nagios"));
        form.Line("failure_acton shell");
        Assert.StartsWith("KDUMP CRITICAL - 'failure_acton' is no directive", form.Run(out int critical, "--nagios"));
        Assert.Equal((1, 2), (warning, critical));
    }

    [Fact]
    public void Metrics_count_findings_and_name_those_that_matter()
    {
        using var form = new HostForm("debian12");
        form.Set("USE_KDUMP", "0");
        string[] lines = form.Run(out int exit, "--prometheus").Split('\n');
        Assert.Equal(0, exit);
        Assert.Contains("kdump_check_findings{severity=\"warning\"} 1", lines);
        Assert.Contains("kdump_check_finding{id=\"kdump-service-off\",severity=\"warning\",subject=\"\"} 1", lines);
        Assert.Contains("kdump_crash_kernel_loaded 1", lines);
        Assert.All(lines, l => Assert.Matches("^(#.*|[a-z_]+(\\{[^}]*\\})? [0-9]+|)$", l));
    }

    [Fact]
    public void Nothing_is_said_to_be_dumped_where_nothing_shows_it()
    {
        using var form = new HostForm("rhel9");
        form.Files["sys/kernel/kexec_crash_loaded"] = "0\n";
        Assert.Contains("dumps on nothing: no crash kernel is loaded", form.Run(out _));
        form.Files.Remove("sys/kernel/kexec_crash_loaded");
        form.Files.Remove("sys/kernel/uevent_seqnum");
        using var bare = new HostForm("rhel9");
        bare.Files.Remove("sys/kernel/kexec_crash_loaded");
        bare.Files.Remove("sys/kernel/uevent_seqnum");
        Assert.Contains("dumps on not known", bare.Run(out _));
    }

    /// <summary>No fix is for another distribution.</summary>
    private static void Own(HostForm form, JsonElement document)
    {
        string[] foreign = form.IsRedHat ? ["kdump-config", "mkdumprd -f", "update-grub", "apt"]
            : form.IsSuse ? ["kdumpctl", "kdump-config", "update-grub", "grubby"] : ["kdumpctl", "mkdumprd", "grubby", "/etc/sysconfig/"];
        foreach (JsonElement finding in document.GetProperty("verdict").GetProperty("findings").EnumerateArray())
        {
            foreach (JsonElement fix in finding.GetProperty("fixes").EnumerateArray())
            {
                string command = fix.TryGetProperty("command", out JsonElement c) ? c.GetString()! : "";
                Assert.DoesNotContain(foreign, f => command.Contains(f, StringComparison.Ordinal));
            }
        }
    }
}
