using Kdump.Diagnosis.Crashes;

namespace Kdump.Fleet.Stores;

/// <summary>Copies the rows of another store as they were told there.</summary>
internal sealed class Merging(FleetStore other, Action<IncomingRows> write)
{
    /// <summary>Rows that are taken over together.</summary>
    private const int Together = 5000;

    public void Run()
    {
        TakeOver("inputs", IncomingRows.InputColumns, (rows, r) => rows.AddInput(r));
        TakeOver("machines", IncomingRows.MachineColumns, (rows, r) => rows.AddMachine(r));
        TakeOver("releases", IncomingRows.ReleaseColumns, (rows, r) => rows.AddRelease(r), " WHERE lent <> 1");
        TakeOver("traits", IncomingRows.TraitColumns, (rows, r) => rows.AddTrait(r), " WHERE lent <> 1");
        foreach (CrashShape[] some in other.Shapes().Chunk(Together))
        {
            var rows = new IncomingRows();
            Array.ForEach(some, rows.AddSignature);
            write(rows);
        }
        TakeOver("records", [.. IncomingRows.RecordColumns, "told"], (rows, r) => rows.AddTold(r));
        TakeOver("marks", IncomingRows.MarkColumns, (rows, r) => rows.AddMark(r));
        TakeOver("profiles", IncomingRows.ProfileColumns, (rows, r) => rows.AddProfile(r));
    }

    private void TakeOver(string table, string[] columns, Action<IncomingRows, object?[]> add, string which = "")
    {
        string names = string.Join(", ", columns.Select(c => c.TrimEnd('#')));
        foreach (Row[] some in other.Stream($"SELECT {names} FROM {table}{which}").Chunk(Together))
        {
            var rows = new IncomingRows();
            foreach (Row row in some)
                add(rows, row.Cells([.. columns.Select(c => c.EndsWith('#'))]));
            write(rows);
        }
    }
}
