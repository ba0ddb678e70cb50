using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Text;
using Kdump.Sources.Records;

namespace Kdump.Tests.Fleet;

/// <summary>The list of loaded modules in a crash report, and what stands behind it on a console.</summary>
public sealed class ModuleListTests
{
    private const string Long = "Modules linked in: nf_conntrack_netlink xt_addrtype overlay br_netfilter bridge stp llc nvidia(POE) " +
        "mlx5_core";

    [Theory]
    // Printk breaks it into records of one moment; a mail into bare lines.
    [InlineData("[   95.000002] " + Long, "[   95.000002]  nvme_core zfs(PO) 8021q [last unloaded: ixgbe]", "nvme_core zfs 8021q")]
    [InlineData(Long, "nvme_core zfs(PO) 8021q", "nvme_core zfs 8021q")]
    // What else follows a list.
    [InlineData("[   95.000002] " + Long, "Nov 10 08:50:12 vaultsrv9 sshd[1]: Accepted password for jdoeqqx from 10.0.0.1", "")]
    [InlineData("[   95.000002] " + Long, "vaultsrv9 login: root", "")]
    [InlineData("[   95.000002] " + Long, "vaultsrv9", "")]
    [InlineData("[   95.000002] " + Long, "[   95.300004] vaultsrv9 jdoeqqx rebooting", "")]
    [InlineData("[   95.000002] " + Long, "[   95.000004] Kernel panic - not syncing: Fatal exception", "")]
    [InlineData("[   95.000002] Modules linked in: xfs ext4 fuse", "[   95.000002] vaultsrv9 rebooting", "")]
    [InlineData(Long, "Password hunter2zz", "")]
    [InlineData(Long, "Nov 10 08:50:12 vaultsrv9 kernel: usb", "")]
    [InlineData("Nov 10 08:50:12 web1 kernel: " + Long, "Nov 10 08:50:12 web1 su: jdoeqqx", "")]
    public void Only_the_kernel_s_own_next_line_goes_on(string list, string next, string more)
    {
        string[] found = ModulesOf(list + "\n" + next + "\n");
        Assert.Equal([.. ModulesOf(list + "\n"), .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries)], found);
    }

    [Fact]
    public void Without_a_next_line_all_are_there() =>
        Assert.Equal(["nf_conntrack_netlink", "xt_addrtype", "overlay", "br_netfilter", "bridge", "stp", "llc", "nvidia", "mlx5_core"],
            ModulesOf(Long + "\n"));

    private static string[] ModulesOf(string text)
    {
        var facts = new Facts { Boot = new Boot("log", 0) };
        var reader = new CarrierReader(new LineReader("log", new MemoryStream(Encoding.UTF8.GetBytes(text))));
        var parsers = new LineParsers([new TraitLines()]);
        while (reader.Next(out TextLine line))
            parsers.Line(line, facts);
        parsers.End(facts);
        return [.. facts.Of<Trait>().Where(t => t.Name == "module").Select(t => t.Value)];
    }
}
