using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using Kdump.Sources.Records;
using Parquet;
using Parquet.Schema;

namespace Kdump.FleetCli.Reports;

/// <summary>Every crash as a row of an Apache Parquet file, by the columns of <see cref="FleetExport.Csv"/>.</summary>
internal static class FleetParquet
{
    /// <summary>Crashes that are held at a time, and a row group of the file.</summary>
    private const int GroupRows = 20_000;

    private static readonly (DataField Field, Func<FleetCrash, string?> Value)[] Texts =
    [
        (new DataField<string>("id"), c => c.Id),
        (new DataField<string>("machine"), c => c.Machine),
        (new DataField<string>("release"), c => c.Release),
        (new DataField<string>("time_from"), c => c.TimeFrom),
        (new DataField<string>("cluster"), c => c.Cluster),
        (new DataField<string>("title"), c => c.Title),
        (new DataField<string>("headline"), c => c.Headline),
        (new DataField<string>("dump"), c => JudgedJson.NameOf(c.Outcome)),
        (new DataField<string>("dump_reason"), c => c.OutcomeReason),
        (new DataField<string>("input"), c => c.Input),
        (new DataField<string>("fix"), c => c.Fix),
        (new DataField<string>("evidence"), c => c.Evidence),
        (new DataField<string>("hardware"), c => c.Hardware),
    ];

    /// <summary>Seconds since 1970.</summary>
    private static readonly DataField<long?> Time = new("time"), Seen = new("seen");

    private static readonly DataField<bool> Fatal = new("fatal"), Requested = new("requested");

    public static async Task Write(Stream output, FleetStore store)
    {
        ParquetWriter file = await ParquetWriter.CreateAsync(new ParquetSchema([.. Texts.Select(t => t.Field), Time, Seen, Fatal,
            Requested]),
            output)
            .ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            foreach (FleetCrash[] crashes in FleetCrash.All(store).Chunk(GroupRows))
            {
                using ParquetRowGroupWriter group = file.CreateRowGroup();
                foreach ((DataField field, Func<FleetCrash, string?> value) in Texts)
                    await group.WriteAsync(field, [.. crashes.Select(c => value(c)!)]).ConfigureAwait(false);
                await group.WriteAsync<long>(Time, crashes.Select(c => c.Time).ToArray()).ConfigureAwait(false);
                await group.WriteAsync<long>(Seen, crashes.Select(c => c.Seen).ToArray()).ConfigureAwait(false);
                await group.WriteAsync<bool>(Fatal, crashes.Select(c => c.Fatal).ToArray()).ConfigureAwait(false);
                await group.WriteAsync<bool>(Requested, crashes.Select(c => c.Requested).ToArray()).ConfigureAwait(false);
                group.CompleteValidate();
            }
        }
    }
}
