using Kdump.Diagnosis.Evidence.Logs;
using Kdump.Diagnosis.Model;

namespace Kdump.Probe.Machine;

/// <summary>
/// Devices whose driver failed with the same error number: one object for each driver and number. Storage drivers are listed first.
/// </summary>
internal sealed class Failure(string driver, int number)
{
    public string Driver { get; } = driver;

    public int Number { get; } = number;

    public List<string> Devices { get; } = [];

    public static List<Failure> In(Facts facts)
    {
        var storage = new List<Failure>();
        var others = new List<Failure>();
        foreach (ProbeFailed f in facts.Of<ProbeFailed>())
            Add(StorageDrivers.Contains(f.Driver) ? storage : others, f.Driver, f.Errno, f.Device);
        foreach (DriverError e in facts.Of<DriverError>())
            Add(StorageDrivers.Contains(e.Driver) ? storage : others, e.Driver, e.Errno, e.Device);
        storage.AddRange(others);
        return storage;
    }

    private static void Add(List<Failure> failures, string driver, int number, string device)
    {
        Failure? same = failures.Find(f => f.Driver == driver && f.Number == number);
        if (same is null)
            failures.Add(same = new(driver, number));
        if (!same.Devices.Contains(device))
            same.Devices.Add(device);
    }
}
