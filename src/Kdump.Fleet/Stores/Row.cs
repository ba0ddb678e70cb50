using System.Globalization;

namespace Kdump.Fleet.Stores;

/// <summary>One row of an answer, its columns by their number.</summary>
public readonly struct Row(object?[] cells)
{
    public object? Value(int column) => cells[column];

    public string Text(int column) => cells[column] as string ?? "";

    public string? TextOrNull(int column) => cells[column] as string;

    public long Number(int column) => Convert.ToInt64(cells[column], CultureInfo.InvariantCulture);

    public long? NumberOrNull(int column) => cells[column] is null ? null : Number(column);
}
