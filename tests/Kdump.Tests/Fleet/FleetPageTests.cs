using System.Text;
using Kdump.Cli.Terminals;
using Kdump.FleetCli;

namespace Kdump.Tests.Fleet;

/// <summary>The page of a fleet in a real browser, as <see cref="Cli.PageTests"/> has the report's.</summary>
public sealed class FleetPageTests : IDisposable
{
    private const string Browser = "timeout 120 chromium --headless --no-sandbox --disable-gpu --allow-file-access-from-files " +
        "--virtual-time-budget=4000";

    private readonly MadeUpFleet fleet = new();

    [ToolFact("chromium", "timeout")]
    public void A_browser_takes_the_page_without_a_word_and_shows_all_of_it_at_three_widths()
    {
        string page = Page();
        foreach (int width in new[] { 390, 1024, 1600 })
        {
            File.WriteAllText(Path.Combine(fleet.Folder, "around.html"),
                $"<iframe id=f src=fleet.html width={width} height=900></iframe><script>onload = () => {{ const d = f.contentDocument; " +
                "const link = d.querySelector('table.heat a'), kind = d.getElementById(link.getAttribute('href').slice(1)); " +
                "const folded = !kind.open; link.click(); setTimeout(() => { document.title = [d.documentElement.scrollWidth - " +
                    "d.documentElement.clientWidth, " +
                "[...d.querySelectorAll('a[href^=\"#\"]')].filter(a => !d.getElementById(a.getAttribute('href').slice(1))).length, " +
                "d.querySelectorAll('table.heat tbody tr').length, d.querySelectorAll('table.heat td[class]').length, " +
                "d.querySelectorAll('details[id]').length, d.querySelectorAll('svg.trend rect').length > 0, " +
                "d.querySelectorAll('b.planted').length, getComputedStyle(d.querySelector('table.heat td[class]')).backgroundColor !== " +
                "'rgba(0, 0, 0, 0)', folded && kind.open].join(); }, 500); }</script>");
            string dom = Encoding.UTF8.GetString(Tool.Run($"{Browser} --dump-dom file://{fleet.Folder}/around.html 2>/dev/null",
                fleet.Folder));
            // No overflow, no dead link, a row for each machine that crashed, a cell and a section for each kind, bars, no markup of an
            // input, colours; a kind that a link of the heat map leads to is opened.
            Assert.Equal("0,0,10,10,3,true,0,true,true", dom.Split("<title>")[1].Split("</title>")[0]);
        }
        string log = Encoding.UTF8.GetString(Tool.Run(
            $"{Browser} --enable-logging=stderr --dump-dom file://{page} 2>&1 >/dev/null | grep -i console || true", fleet.Folder));
        Assert.Equal("", log);
    }

    [Fact]
    public void The_page_of_a_store_without_a_crash_says_so()
    {
        fleet.Log("web-1");
        using (Kdump.Fleet.Stores.FleetStore store = fleet.Open())
            fleet.Scan(store);
        Assert.Contains("0 crashes of 1 machine", File.ReadAllText(Written()), StringComparison.Ordinal);
    }

    public void Dispose() => fleet.Dispose();

    /// <summary>The page of that fleet, for the tests of all pages.</summary>
    internal static void WriteTo(string path)
    {
        using var tests = new FleetPageTests();
        File.Copy(tests.Page(), path, overwrite: true);
    }

    /// <summary>Ten machines, three kinds of crash; one machine's name would be markup.</summary>
    private string Page()
    {
        for (int i = 1; i <= 6; i++)
            fleet.Log($"web-{i}", MadeUpFleet.Chain, day: i);
        for (int i = 1; i <= 3; i++)
            fleet.Log($"db-{i}-with-a-name-that-is-far-longer-than-any-column-of-a-table-ought-to-be-{i}",
                "xfs_trans_read_buf_map_of_a_long_name " +
                "xfs_imap_to_bp xfs_iread xfs_iget xfs_lookup xfs_vn_lookup", day: 10 + i);
        fleet.Log("kvm-1", "kvm_mmu_zap_all kvm_arch_flush_shadow_all kvm_mmu_notifier_release mmput exit_mm do_exit",
            firmware: "<b class=planted>x</b>");
        fleet.Log("healthy-1");
        using (Kdump.Fleet.Stores.FleetStore store = fleet.Open())
            fleet.Scan(store);
        return Written();
    }

    private string Written()
    {
        string page = Path.Combine(fleet.Folder, "fleet.html");
        Assert.Equal(0, KdtFleet.Run(["top", fleet.Store, "-o", page], TextWriter.Null, TextWriter.Null, () => Stream.Null,
            Terminal.Plain));
        return page;
    }
}
