using System.Globalization;

namespace Kdump.Diagnosis.Catalogue.Devices;

/// <summary>One wording by which a driver says what is wrong with its device.</summary>
/// <param name="Drivers">Beginnings of the driver's name.</param>
/// <param name="Severity">Where it differs from the family's.</param>
/// <param name="Least">Fewer lines than this mean nothing.</param>
/// <param name="Aftermath">The line tells how the trouble went on.</param>
/// <param name="Overcome">The trouble is over, or was none.</param>
public sealed record DeviceWord(string[] Drivers, string Shape, string Means, Severity? Severity, int Least, bool Aftermath,
    bool Overcome)
{
    /// <summary>The line tells that the device works again: where it is the last one, the trouble was survived.</summary>
    public bool Recovered { get; init; }

    /// <summary>The line is a part of a report that has better ones: it counts where only it was posted.</summary>
    public bool Alone { get; init; }

    /// <summary>While the machine starts the line is usual.</summary>
    public bool Late { get; init; }

    /// <summary>The line has no driver in front.</summary>
    public bool Headless { get; } = Drivers is ["-"] or ["--"];

    /// <summary>The line has no device either.</summary>
    public bool Nameless { get; } = Drivers is ["--"];

    public string Literal { get; } = Text.Shape.LongestLiteral(Shape.TrimStart('^'));

    /// <summary>The rows of a family's table.</summary>
    public static IReadOnlyList<DeviceWord> Parse(string table)
    {
        var rows = new List<DeviceWord>();
        foreach (string line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] parts = line.Split('|', StringSplitOptions.TrimEntries);
            if (parts.Length != 4)
                throw new FormatException($"a row of four columns was expected: {line}");
            string mark = parts[1];
            Severity? severity = mark.FirstOrDefault() switch
            {
                'C' => Model.Severity.Critical,
                'E' => Model.Severity.Error,
                'W' => Model.Severity.Warning,
                'I' => Model.Severity.Info,
                _ => null,
            };
            string number = mark.TrimStart('C', 'E', 'W', 'I', '?', 'L');
            int least = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : 1;
            rows.Add(new(parts[0].Split(' '), parts[2], parts[3], severity, least, mark is "+" or "-" or "~", mark == "-")
                { Recovered = mark == "~", Alone = mark.StartsWith('?'), Late = mark.Contains('L') });
        }
        return rows;
    }

    /// <summary>True if the message has this wording; <paramref name="taken"/> then holds the captured texts.</summary>
    internal bool Fits(in DeviceHead head, ReadOnlySpan<char> message, List<string> taken)
    {
        if (!Headless && !DriverFits(head))
            return false;
        ReadOnlySpan<char> text = Headless ? message : head.Words;
        return Shape[0] == '^' ? Text.Shape.Find(text, Shape[1..], taken) == 0 : Text.Shape.Find(text, Shape, taken) >= 0;
    }

    private bool DriverFits(in DeviceHead head)
    {
        foreach (string driver in Drivers)
        {
            if (driver == "*" ? head.Address is not null : head.Driver.StartsWith(driver, StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
