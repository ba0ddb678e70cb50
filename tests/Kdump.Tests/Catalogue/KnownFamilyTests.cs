using Kdump.Diagnosis.Catalogue;
using Kdump.Diagnosis.Catalogue.Families;
using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Catalogue;

/// <summary>
/// The fire-and-silence table of families: fixtures/catalogue/ID/fires.txt holds a line for each telling, near-miss.txt what looks like it
/// and is not.
/// </summary>
public sealed class KnownFamilyTests
{
    public static TheoryData<string> Families => new(FamilyBook.All.Select(f => f.Id));

    [Theory]
    [MemberData(nameof(Families))]
    public void Each_of_its_wordings_is_heard_and_quoted(string id)
    {
        Family family = FamilyBook.All.Single(f => f.Id == id);
        string log = Log(id, "fires.txt");
        Assert.Equal(family.Tellings.Select(t => t.Wording), family.Tellings.Where((_, i) => Heard(log, family).Contains(i))
            .Select(t => t.Wording));
        List<Finding> findings = Explained.Findings(id, log);
        Assert.NotEmpty(findings);
        foreach (Finding finding in findings)
        {
            Assert.NotEmpty(finding.Evidence);
            Assert.All(finding.Evidence, e => Assert.Contains(e.Text, log));
            Assert.DoesNotContain("{", finding.Title + finding.Why);
            Assert.NotEmpty(finding.Fixes);
            Assert.All(finding.Fixes, f => Assert.DoesNotMatch("\\{[0-9]\\}", f.Text + f.Command));
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_log_that_nearly_shows_it_is_left_alone(string id) => Assert.Empty(Explained.Findings(id, Log(id, "near-miss.txt")));

    [Theory]
    [MemberData(nameof(Families))]
    public void What_its_wordings_take_ends_somewhere(string id)
    {
        foreach (Telling telling in FamilyBook.All.Single(f => f.Id == id).Tellings)
        {
            Assert.DoesNotMatch("\\{e\\}($|[{*])|\\{t\\}.", telling.Wording);
            Assert.True(telling.Wording.Split('*', '{', '}').Max(part => part.Length) >= 4, telling.Wording);
        }
    }

    [Fact]
    public void Every_line_about_one_object_belongs_to_one_finding_with_the_words_that_tell_most()
    {
        Finding finding = Assert.Single(Explained.Findings("filesystem-damaged",
            "[ 1.000000] XFS (dm-4): Corruption detected. Unmount and run xfs_repair\n" +
            "[ 1.000001] XFS (dm-4): Internal error xfs_iunlink_remove at line 2038 of file fs/xfs/xfs_inode.c.  Caller xfs_ifree+0x33\n"));
        Assert.Equal("filesystem-damaged:dm-4", finding.Key);
        Assert.Contains("xfs_iunlink_remove", finding.Title, StringComparison.Ordinal);
        Assert.Equal(2, finding.Evidence.Count);
        Assert.Contains("lsblk -s /dev/dm-4", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_came_back_is_a_warning_that_says_so()
    {
        const string gone = "[ 1.000000] nfs: server ease not responding, still trying\n", back = "[ 9.000000] nfs: server ease OK\n";
        Assert.Equal(Severity.Error, Assert.Single(Explained.Findings("network-storage-silent", gone)).Severity);
        Assert.Equal(Severity.Error, Assert.Single(Explained.Findings("network-storage-silent", back + gone)).Severity);
        Finding finding = Assert.Single(Explained.Findings("network-storage-silent", gone + back));
        Assert.Equal(Severity.Warning, finding.Severity);
        Assert.EndsWith("later it was back", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cause_comes_before_its_effect_and_is_of_the_same_device()
    {
        const string disk = "[ 1.000000] Buffer I/O error on dev sdb1, logical block 0, lost sync page write\n",
            other = "[ 1.000000] Buffer I/O error on dev sdc1, logical block 0, lost sync page write\n",
            stop = "[ 2.000000] Aborting journal on device sdb1-8.\n";
        Assert.Equal(["filesystem-io-error:sdb1"], Assert.Single(Explained.Findings("filesystem-shut-down", disk + stop)).CausedBy);
        Assert.Empty(Assert.Single(Explained.Findings("filesystem-shut-down", other + stop)).CausedBy);
        Assert.Empty(Assert.Single(Explained.Findings("filesystem-shut-down", stop + disk)).CausedBy);
    }

    [Fact]
    public void One_bit_between_two_generations_is_memory_and_a_large_difference_a_lost_write()
    {
        const string line = "[ 1.000000] BTRFS error (device sda2): parent transid verify failed on logical 3936 mirror 1 wanted {0} " +
            "found 1647784\n";
        Assert.Contains("bit", Assert.Single(Explained.Findings("filesystem-damaged", line.Replace("{0}", "4611686018429035688",
            StringComparison.Ordinal))).Title, StringComparison.Ordinal);
        Assert.Contains("generation 1647790", Assert.Single(Explained.Findings("filesystem-damaged", line.Replace("{0}", "1647790",
            StringComparison.Ordinal))).Title, StringComparison.Ordinal);
        // The next generation may well differ in one low bit.
        Assert.Contains("generation 1647785", Assert.Single(Explained.Findings("filesystem-damaged", line.Replace("{0}", "1647785",
            StringComparison.Ordinal))).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_a_shell_would_take_for_more_stands_in_no_command()
    {
        Finding finding = Assert.Single(Explained.Findings("filesystem-damaged",
            "[ 1.0] XFS (sda;reboot): Corruption detected. Unmount and run xfs_repair\n"));
        Assert.All(finding.Fixes, f => Assert.DoesNotContain("reboot", f.Command ?? "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sdb1", "sdb")]
    [InlineData("nvme0n1p2", "nvme0n1")]
    [InlineData("mmcblk0p1", "mmcblk0")]
    [InlineData("sdb1-8", "sdb")]
    [InlineData("dm-8", "dm-8")]
    [InlineData("md0", "md0")]
    [InlineData("nvme0n1", "nvme0n1")]
    public void The_disk_of_a_partition_is_known_by_its_name(string device, string disk) => Assert.Equal(disk, BlockName.DiskOf(device));

    [Theory]
    [InlineData("sdb1-8", "sdb1")]
    [InlineData("dm-8", "dm-8")]
    [InlineData("dm-8-8", "dm-8")]
    [InlineData("md127", "md127")]
    public void A_journal_is_called_by_its_device(string journal, string device) => Assert.Equal(device, BlockName.WithoutJournal(journal));

    [Fact]
    public void A_device_that_fails_for_ever_is_one_finding_with_a_count()
    {
        string log = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"[{i + 10,6}.000000] nf_conntrack: table full, dropping " +
            $"packet\n"));
        Assert.Contains("20000 lines", Assert.Single(Explained.Findings("conntrack-table-full", log)).Why, StringComparison.Ordinal);
    }

    private static HashSet<int> Heard(string log, Family family) =>
        [.. Explained.Facts(log).Of<FamilySeen>().Where(s => ReferenceEquals(s.Family, family)).Select(s => s.Index)];

    private static string Log(string id, string name)
    {
        string path = Repository.Path("fixtures", "catalogue", id, name);
        Assert.True(File.Exists(path),
            $"write fixtures/catalogue/{id}/{name}: a log that {(name == "fires.txt" ? "shows" : "nearly shows")} it");
        return File.ReadAllText(path);
    }
}
