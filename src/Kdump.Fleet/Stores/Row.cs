using System.Globalization;
using Kdump.Diagnosis.Model;
using Kdump.Formats.Bytes;

namespace Kdump.Fleet.Stores;

/// <summary>One row of an answer, its columns by their number.</summary>
/// <param name="store">Its name, for what is wrong in it: anybody may have written to it.</param>
public readonly struct Row(object?[] cells, string store)
{
    /// <summary>All of them, numbers as 64 bits: the databases give small ones in other sizes.</summary>
    public object?[] Cells(bool[] numbers)
    {
        Row own = this;
        return [.. numbers.Select((isNumber, i) => isNumber ? (object?)own.NumberOrNull(i) : own.TextOrNull(i))];
    }

    public string Text(int column) => cells[column] as string ?? "";

    public string? TextOrNull(int column) => cells[column] as string;

    /// <exception cref="InputException">There is no number.</exception>
    public long Number(int column)
    {
        try
        {
            return Convert.ToInt64(cells[column], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or OverflowException)
        {
            string found = Convert.ToString(cells[column], CultureInfo.InvariantCulture) ?? "";
            throw new InputException(store, "store", -1,
                $"holds what no kdt fleet wrote: '{Printable.Escape(found[..Math.Min(found.Length, 40)])}' where a number should stand", e);
        }
    }

    public long? NumberOrNull(int column) => cells[column] is null ? null : Number(column);
}
