using Kdump.Fleet.Questions;
using Kdump.Fleet.Scans;
using Kdump.Fleet.Stores;

namespace Kdump.Tests.Fleet;

/// <summary>pstore keeps a dump in parts of some kilobytes, each a file.</summary>
public sealed class PstoreUnitTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    [Theory]
    [InlineData("dmesg-efi-16534000000{0}001")]
    [InlineData("dmesg-efi_pstore-16534000000{0}001")]
    [InlineData("dmesg-erst-70000000000000000{0}")]
    [InlineData("dmesg-nvram-{0}")]
    [InlineData("dmesg-pstore_blk-{0}")]
    public void Parts_that_are_listed_one_by_one_are_one_dump(string name)
    {
        string[] parts = Parts(name, 4);
        Assert.Equal([parts], ScanUnits.Of(parts).Select(u => u.Paths));
        // So do a pattern and one of them alone.
        Assert.Equal([parts], ScanUnits.Of([Path.Combine(fleet.Logs, "dmesg-*")]).Select(u => u.Paths));
        Assert.Equal([parts], ScanUnits.Of([parts[2]]).Select(u => u.Paths));
        FleetCrash listed = Assert.Single(Scan(parts)), folder = Assert.Single(Scan([fleet.Logs]));
        Assert.Equal((folder.Id, folder.Title), (listed.Id, listed.Title));
        Assert.Contains("i40e_clean_rx_irq", listed.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_the_parts_of_many_dumps_is_judged_whole()
    {
        string[] parts = Parts("dmesg-efi-165340{0:00}01001", 99);
        Assert.Equal([parts], ScanUnits.Of([fleet.Logs]).Select(u => u.Paths));
    }

    [Fact]
    public void What_lies_beside_parts_and_is_none_is_a_file_of_its_own()
    {
        string[] parts = Parts("dmesg-ramoops-{0}", 2);
        string other = Path.Combine(fleet.Logs, "kern.log");
        File.WriteAllText(other, "x\n");
        Assert.Equal([[other], parts], ScanUnits.Of([other, .. parts]).Select(u => u.Paths));
    }

    /// <summary>Each boot counts its dumps from 1: two dumps in a folder begin alike.</summary>
    [Theory]
    [InlineData("dmesg-efi-16534000000{0}001", "dmesg-efi-16535000000{0}001", 1653400000L, 1653500000L)]
    [InlineData("dmesg-efi_pstore-16534000000{0}001", "dmesg-efi_pstore-16535000000{0}001", 1653400000L, 1653500000L)]
    [InlineData("dmesg-erst-710129892720640000{0}", "dmesg-erst-710172842393600000{0}", 1653400000L, 1653500000L)]
    [InlineData("dmesg-erst-1{0}", "dmesg-erst-2{0}", null, null)]
    [InlineData("dmesg-nvram-1{0}", "dmesg-nvram-2{0}", null, null)]
    [InlineData("1653400000/001/dmesg-efi-16534000000{0}001", "1653500000/001/dmesg-efi-16535000000{0}001", 1653400000L, 1653500000L)]
    [InlineData("1653400000/dmesg-nvram-{0}", "1653500000/dmesg-nvram-{0}", 1653400000L, 1653500000L)]
    public void Two_dumps_are_two_crashes_each_with_the_time_in_its_name(string one, string other, long? first, long? second)
    {
        foreach ((string name, string moment) in new[] { (one, "  100."), (other, "  777.") })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(fleet.Logs, name))!);
            foreach (string part in Parts(name, 3))
                File.WriteAllText(part, File.ReadAllText(part).Replace("[  100.", $"[{moment}", StringComparison.Ordinal));
        }
        FleetCrash[] all = Scan([fleet.Logs]);
        Assert.Equal([first, second], all.Select(c => c.Time).Order());
        Assert.All(all, c => Assert.Equal(first is null ? null : "path", c.TimeFrom));
        Assert.All(all, c => Assert.Contains("i40e_clean_rx_irq", c.Title, StringComparison.Ordinal));
    }

    [Fact]
    public void The_text_that_systemd_pstore_joins_is_no_second_crash()
    {
        Directory.CreateDirectory(Path.Combine(fleet.Logs, "1653400000"));
        string[] parts = Parts("1653400000/dmesg-efi-16534000000{0}001", 3);
        File.WriteAllLines(Path.Combine(fleet.Logs, "1653400000", "dmesg.txt"), parts.Reverse().SelectMany(p => File.ReadLines(p).Skip(1)));
        FleetCrash crash = Assert.Single(Scan([fleet.Logs]));
        Assert.Equal(1653400000, crash.Time);
    }

    public void Dispose() => fleet.Dispose();

    /// <summary>As fs/pstore/platform.c writes them: the newest lines are in part 1.</summary>
    private string[] Parts(string name, int count)
    {
        string log = fleet.Log("web-1", MadeUpFleet.Chain);
        string[] lines = [.. File.ReadAllLines(log).Select(l => l[(l.IndexOf("kernel: ", StringComparison.Ordinal) + 8)..])];
        File.Delete(log);
        int each = (lines.Length + count - 1) / count;
        var paths = new List<string>();
        for (int i = 0; i < count; i++)
        {
            string path = Path.Combine(fleet.Logs, string.Format(System.Globalization.CultureInfo.InvariantCulture, name, i + 1));
            File.WriteAllLines(path, lines.Skip((count - 1 - i) * each).Take(each).Prepend($"Panic#1 Part{i + 1}"));
            paths.Add(path);
        }
        return [.. paths.Order(StringComparer.Ordinal)];
    }

    private FleetCrash[] Scan(string[] sources)
    {
        string path = Path.Combine(fleet.Folder, $"{Guid.NewGuid()}.db");
        using FleetStore store = FleetStore.Open(path, create: true);
        new Scan(store, "1", () => new MadeUpFleet.HereJudge(), 1).Run(sources);
        return [.. FleetCrash.All(store)];
    }
}
