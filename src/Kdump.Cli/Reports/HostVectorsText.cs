using Kdump.Diagnosis.Evidence.Machines;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Reports;
using Kdump.Diagnosis.Text;
using Kdump.Diagnosis.Vectors;

namespace Kdump.Cli.Reports;

/// <summary><c>kdt host vectors</c> as text: one line per number of CPUs, then the drivers that use most vectors.</summary>
internal static class HostVectorsText
{
    private const int MaxDrivers = 12;

    public static void Write(TextWriter output, VectorOutlook outlook, VectorPlan[] plans, Words words)
    {
        VectorForecast forecast = outlook.Forecast;
        output.WriteLine(words.Of(
            $"{words.Of(outlook.Image.Length == 0 ? "no image" : Printable.Escape(outlook.Image))}; dump target " +
            $"{words.Of(outlook.Target.Length == 0 ? "unknown" : Printable.Escape(outlook.Target))}; crash kernel with " +
            $"{(outlook.MaxCpus ? "maxcpus" : "nr_cpus")}={forecast.Current.Cpus}" +
                $"{(outlook.Assumed ? words.Of(" (assumed: no configuration was found)") : "")}"));
        output.WriteLine(words.Of($"one CPU offers {forecast.Capacity} vectors to devices ({forecast.Capacity.Reasoning})"));
        output.WriteLine();
        output.WriteLine(words.Of("  cpus  needed: least likely  most   available  fits     memory  without vectors"));
        foreach (VectorPlan plan in plans)
        {
            string fits = words.Of(Fits(plan));
            output.WriteLine(Printable.Escape(
                $"{(plan.Cpus == forecast.Current.Cpus ? "* " : "  ")}{plan.Cpus,4}  {plan.Low,13} {plan.Likely,6} {plan.High,5}   " +
                $"{plan.Available,9}  {fits}{new string(' ', 7 - Columns.Of(fits))}{(plan.MemoryBytes + (1 << 19)) >> 20,5} MB  " +
                words.Of(Victims(plan))).TrimEnd());
        }
        output.WriteLine();
        foreach (Driver driver in Drivers(forecast).Take(MaxDrivers))
            output.WriteLine(Printable.Escape("  " +
                $"{driver.Name,-20} {driver.Range,-16} {driver.Devices,4} " +
                $"{words.Of(driver.Devices == 1 ? "device " : "devices")}  {words.Of(driver.How)}"));
        string idle = Idle(forecast);
        if (idle.Length > 0)
            output.WriteLine(Printable.Escape($"  {words.Of("not in the image, not counted: ")}{idle}"));
        foreach (string gap in outlook.Gaps)
            output.WriteLine(Printable.Escape($"  {words.Of(gap)}"));
        output.WriteLine($"  {words.Of(Recommendation(forecast))}");
        output.WriteLine();
    }

    /// <summary>One driver's devices together.</summary>
    /// <param name="How">How sure the number is, and where it is from.</param>
    public sealed record Driver(string Name, VectorNeed Need, int Devices, string How)
    {
        public string Range => Need.Low == Need.High ? $"{Need.Likely}" : $"{Need.Likely} ({Need.Low} to {Need.High})";
    }

    /// <summary>The drivers of the crash kernel that need vectors, those that need most first.</summary>
    public static IEnumerable<Driver> Drivers(VectorForecast forecast) => forecast.Consumers
        .GroupBy(c => c.Device switch
        {
            null => "interrupt lines",
            _ when c.Driver.Length == 0 => "no driver",
            _ => c.Driver,
        }, StringComparer.Ordinal)
        .Select(g => (g.Key, List: g.ToArray(), Need: Sum(g, forecast.Conditions))).Where(g => g.Need.High > 0)
        .OrderByDescending(g => g.Need.Likely).ThenByDescending(g => g.Need.High).ThenBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => new Driver(g.Key, g.Need, g.List.Length,
            $"{Word(g.List.Max(c => c.Need(forecast.Conditions).Certainty))}: {Reason(g.List[0])}"));

    /// <summary>Drivers that are not in the image, with the vectors that their devices have now.</summary>
    public static string Idle(VectorForecast forecast) => string.Join(", ",
        forecast.Consumers.Where(c => c.Device is { Driver.Length: > 0, Module.Length: 0, Requested: > 0 })
            .GroupBy(c => c.Device!.Driver, StringComparer.Ordinal)
            .Select(g => (g.Key, Sum: g.Sum(c => c.Device!.Requested))).OrderByDescending(g => g.Sum).Take(6)
            .Select(g => $"{g.Key} {g.Sum}"));

    public static string Fits(VectorPlan plan) =>
        plan.Fits switch { true => plan.HasMargin ? "yes" : "tight", false => "no", null => "unknown" };

    public static string Word(Certainty certainty) =>
        certainty switch { Certainty.Sure => "sure", Certainty.Range => "range", _ => "unknown" };

    /// <summary>How the number was determined.</summary>
    public static string Reason(VectorConsumer consumer) => consumer switch
    {
        { Device: null } => "in use now",
        { Driver.Length: 0 } => "no driver in the crash kernel for it",
        { Device.BehindVmd: true } => "multiplexed by its VMD",
        { Device.FromRoot: true } => "driver not in the image: loaded by the machine's root, where kdump-tools saves the dump",
        { Row: null, Device.Allocated: > 0 } =>
            $"driver not in the table: between 0 and the {consumer.Device.Allocated} that it uses now",
        { Row: null } => "a driver that is not in the table",
        { Driver: "pcieport", Device.CpusNow: > 0 } => "one per message number of its services, as now",
        { Row: { Note.Length: > 0 } row } => row.Note,
        { Row: { WhenUp: true } } when consumer.Device!.Up == false =>
            "requests vectors when the interface comes up, which the dump does not need",
        { Row: { PerCpu: true } row } =>
            $"{(row.Fixed > 0 ? $"{row.Fixed} and " : "")}one " +
            $"queue per CPU{(row.ResetQueues >= 0 ? $", {row.ResetQueues} with reset_devices" : "")}{(row.Managed ? ", managed" : "")}",
        { Row: { AsNow: true } } => "same number as now",
        { Row: { } row } => $"{row.Fixed} for any number of CPUs",
    };

    private static VectorNeed Sum(IEnumerable<VectorConsumer> consumers, CaptureConditions conditions)
    {
        int low = 0, likely = 0, high = 0;
        foreach (VectorConsumer consumer in consumers)
        {
            VectorNeed need = consumer.Need(conditions);
            (low, likely, high) = (low + need.Low, likely + need.Likely, high + need.High);
        }
        return VectorNeed.Between(low, likely, high, Certainty.Range);
    }

    public static string Victims(VectorPlan plan)
    {
        if (plan.Victims.Count == 0)
            return "";
        string names = string.Join(", ", plan.Victims.Take(2).Select(v => $"{v.Consumer.Driver} {v.Consumer.Name}")) +
            (plan.Victims.Count > 2 ? $" and {plan.Victims.Count - 2} more" : "");
        return names + plan.TargetSurvives switch { false => ": including the dump target", true => "; the dump target gets its vectors",
            null => "" };
    }

    public static string Recommendation(VectorForecast forecast)
    {
        if (forecast.Current is { Fits: true, HasMargin: true })
            return "nothing to change";
        if (forecast.Current.Fits == false && forecast.WithoutPortServices is { Enough: true, Saved: var saved })
            return $"recommended: pcie_ports=compat, which saves {Counted.Of(saved, "vector")}" +
                (forecast.Recommended is { } also ? $"; or nr_cpus={also}" : "");
        if (forecast.Recommended is { } n)
            return $"recommended: nr_cpus={n}";
        return $"not enough with any number of CPUs up to {CpuPlan.MaxCpus}: leave drivers out of the image";
    }
}
