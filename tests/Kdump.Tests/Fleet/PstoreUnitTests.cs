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
