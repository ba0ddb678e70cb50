using System.Globalization;

namespace Kdump.Fleet.Stores;

/// <summary>One row of an answer, its columns by their number.</summary>
public readonly struct Row(object?[] cells)
{
    /// <summary>All of them, numbers as 64 bits: the databases give small ones in other sizes.</summary>
    public object?[] Cells(bool[] numbers)
    {
        object?[] own = cells;
        return [.. numbers.Select((n, i) => n && own[i] is { } value ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : own[i])];
    }

    public string Text(int column) => cells[column] as string ?? "";

    public string? TextOrNull(int column) => cells[column] as string;

    public long Number(int column) => Convert.ToInt64(cells[column], CultureInfo.InvariantCulture);

    public long? NumberOrNull(int column) => cells[column] is null ? null : Number(column);
}
