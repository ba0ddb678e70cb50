using Kdump.Formats.Bytes;

namespace Kdump.Fleet.Stores;

/// <summary>Makes the tables of a new store, and brings those of an older one to the newest step of <see cref="Schema"/>.</summary>
internal static class StoreTables
{
    /// <param name="create">Make them where the database is empty.</param>
    /// <exception cref="InputException">It is no store, or a newer one.</exception>
    public static void Prepare(Database database, string name, bool create)
    {
        if (database.Shared)
            database.Run("SELECT pg_advisory_lock(811235)");
        bool there = database.Scalar(database.Shared
            ? "SELECT 1 FROM information_schema.tables WHERE table_name = 'kdump_fleet' AND table_schema = current_schema()"
            : "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'kdump_fleet'") is not null;
        if (!there)
        {
            bool strange = database.Count(database.Shared
                ? "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()"
                : "SELECT COUNT(*) FROM sqlite_master") > 0;
            if (!create || (strange && !database.Shared))
                throw new InputException(name, "store", -1, "is not a store of kdt fleet");
            // Together with the first step: a program that is stopped here leaves nothing.
            database.Begin();
            database.Run("CREATE TABLE IF NOT EXISTS kdump_fleet (step INTEGER NOT NULL)");
            database.Run("INSERT INTO kdump_fleet (step) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM kdump_fleet)");
        }
        long step = database.Count("SELECT step FROM kdump_fleet");
        if (step < 0)
            throw new InputException(name, "store", -1, "is not a store of kdt fleet");
        if (step > Schema.Steps.Length)
            throw new InputException(name, "store", -1, $"was written by a newer kdt (step {step}; this one knows {Schema.Steps.Length})");
        for (; step < Schema.Steps.Length; step++)
        {
            database.Begin();
            if (database.Count("SELECT step FROM kdump_fleet") == step)
            {
                foreach (string sql in Schema.Steps[step])
                    database.Run(sql);
                database.Run("UPDATE kdump_fleet SET step = @step", ("step", step + 1));
            }
            database.Commit();
        }
        if (database.Shared)
            database.Run("SELECT pg_advisory_unlock(811235)");
    }
}
