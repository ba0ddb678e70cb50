using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;

namespace Kdump.Tests.Fleet;

/// <summary>The store in a real PostgreSQL, which the test starts on a socket of its own.</summary>
public sealed class PostgresTests : IDisposable
{
    private readonly MadeUpFleet fleet = new();

    [PostgresFact]
    public void The_same_fleet_gives_the_same_answers_and_two_scanners_may_write_at_once()
    {
        for (int i = 1; i <= 12; i++)
            fleet.Log($"web-{i}", i % 4 == 0 ? null : MadeUpFleet.Chain, release: i % 2 == 0 ? "6.1.0-31-amd64" : "6.1.0-32-amd64", day: i);
        foreach (string host in new[] { "db-1", "db-1.a.example", "db-2", "db-2.a.example", "db-2.b.example" })
            fleet.Log(host, MadeUpFleet.Chain, day: 20);
        using FleetStore file = fleet.Open();
        fleet.Scan(file);
        string bin = PostgresFactAttribute.Folder!, data = Path.Combine(fleet.Folder, "pg"), user = Environment.UserName == "root"
            ? "postgres" : Environment.UserName;
        // The server refuses to run as root.
        string run = Environment.UserName == "root" ? "setpriv --reuid=postgres --regid=postgres --clear-groups" : "";
        Tool.Run($"mkdir -p {data} && chmod 755 . && {(run.Length > 0 ? $"chown postgres {data} && " : "")}{run} {bin}/initdb -D " +
            $"{data}/d -U {user} -A trust >/dev/null && " +
            $"{run} {bin}/pg_ctl -D {data}/d -o \"-c listen_addresses='' -k {data}\" -w -l {data}/log start >/dev/null", fleet.Folder);
        try
        {
            string url = $"postgresql://{user}@/postgres?host={data}";
            Parallel.For(0, 3, i =>
            {
                using var shard = FleetStore.Open(url, create: true);
                fleet.Scan(shard, shard: (i, 3));
            });
            using var store = FleetStore.Open(url, create: false);
            store.Settle();
            Assert.Equal(FleetCrash.All(file), FleetCrash.All(store));
            Assert.Equal((16L, "db-1.a.example", "db-2"), (store.Machines(), store.MachineOf("db-1"), store.MachineOf("db-2")));
            Assert.Equal((file.Machines(), new ShortNames(0, 1, 1)), (store.Machines(), ShortNames.In(store)));
            ClusterRow a = Assert.Single(TopClusters.Of(file, 5)), b = Assert.Single(TopClusters.Of(store, 5));
            Assert.Equal((a.Id, a.Title, a.Machines, a.Crashes, a.Example), (b.Id, b.Title, b.Machines, b.Crashes, b.Example));
            Assert.Equal(a.Trend, b.Trend);
            Assert.Equal(a.Releases, b.Releases);
            Assert.Equal(Suspects.Of(file, a.Id).Tried, Suspects.Of(store, a.Id).Tried);
            Assert.Equal(ReleaseDiff.Of(file, "6.1.0-31", "6.1.0-32").Changes, ReleaseDiff.Of(store, "6.1.0-31", "6.1.0-32").Changes);
            Assert.Equal(LostDumps.Of(file).NotTold, LostDumps.Of(store).NotTold);
            // A store of an earlier step.
            File.WriteAllText(Path.Combine(fleet.Folder, "old.sql"), OldStoreTests.TablesOf(3));
            string asUser = $"-h {data} -U {user}";
            Tool.Run($"{bin}/createdb {asUser} old && {bin}/psql {asUser} -d old -q -v ON_ERROR_STOP=1 -f old.sql", fleet.Folder);
            using var old = FleetStore.Open($"postgresql://{user}@/old?host={data}", create: false);
            fleet.Scan(old);
            Assert.Equal((Schema.Steps.Length, file.Machines(), 0),
                (old.Count("SELECT step FROM kdump_fleet"), old.Machines(), old.OldOnes()));
        }
        finally
        {
            Tool.Run($"{run} {bin}/pg_ctl -D {data}/d -m immediate stop >/dev/null", fleet.Folder);
        }
    }

    [Fact]
    public void A_password_in_a_url_is_in_no_message()
    {
        Kdump.Formats.Bytes.InputException e = Assert.Throws<Kdump.Formats.Bytes.InputException>(
            () => FleetStore.Open("postgresql://kdump:secret@127.0.0.1:1/fleet", create: false));
        Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
        Assert.StartsWith("postgresql://kdump@127.0.0.1:1/fleet", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => fleet.Dispose();
}

/// <summary>A fact that needs PostgreSQL's server.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (Folder is null)
            Skip = "needs PostgreSQL's initdb and pg_ctl (Debian: postgresql)";
        else if (Environment.UserName == "root" && Tool.Find("setpriv") is null)
            Skip = "needs setpriv (Debian: util-linux): PostgreSQL's server does not run as root";
    }

    public static string? Folder => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => d + "/bin").LastOrDefault(d => File.Exists(d + "/initdb")) : null;
}
