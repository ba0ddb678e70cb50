namespace Kdump.Diagnosis.Vectors;

/// <summary>
/// The number of vectors, from a row of the table, a device and the crash kernel's conditions. What the healthy kernel shows of the
/// device is used where it tells something: a device that has fewer queues than CPUs now has no more; what a driver never asked for
/// with many CPUs it does not ask for with fewer.
/// </summary>
public static class DemandRules
{
    public static VectorNeed Of(VectorDevice device, CaptureConditions c)
    {
        if (device.Module.Length == 0 || device.BehindVmd || (c.NoUsb && device.IsUsb))
            return VectorNeed.None;
        DriverDemand? row = DriverDemands.Find(device.Module);
        // The device uses its pin now, which is counted as an interrupt line.
        if (device.Line is not null && row?.WhenUp != true)
        {
            // virtio uses the pin where it did not get two vectors; the crash kernel may have them.
            return row is { Fallback: Fallback.TwoThenPin } && device.MsixTable >= 2 && !c.NoMsi
                ? new(0, 0, Known(row, device with { Requested = 0, CpusNow = 0 }, c).High, 0, Certainty.Range) : VectorNeed.None;
        }
        VectorNeed need;
        if (device.Module == "pcieport")
            need = Port(device, c);
        else
            need = row is not null ? Known(row, device, c) : Stranger(device, c);
        // The driver in an image that was not given is uncertain; a driver in the kernel itself is there.
        return device.InImage || device.Builtin ? need : need with { Low = 0, Certainty = Certainty.Range };
    }

    private static VectorNeed Known(DriverDemand row, VectorDevice d, CaptureConditions c)
    {
        if (c.NoMsi || !d.HasMessages)
            return VectorNeed.None;
        if (d.MsixTable == 0)
            return SingleMessage(row, d, c);
        if (row.AsNow)
            return AsNow(row, d);
        if (FellBack(row, d))
            return AfterFallback(row, d, c);
        return Reckon(row, d, c);
    }

    private static VectorNeed Reckon(DriverDemand row, VectorDevice d, CaptureConditions c)
    {
        int wanted = row.Fixed;
        int queues = row.PerCpu ? Queues(row, d, c, wanted) : 0;
        int vectors = Vectors(row, d, queues);
        bool managed = row.Managed && queues > 0;
        int cost = wanted + (managed ? c.Possible : vectors), shown = wanted + vectors;
        if (row.Fallback == Fallback.TwoThenPin && shown > d.MsixTable)
            return new(Math.Min(2, d.MsixTable), Math.Min(2, d.MsixTable), 2, Math.Min(2, d.MsixTable), Certainty.Sure);
        int high = cost + row.Extra;
        Certainty certainty = row.Extra > 0 ? Certainty.Range : row.Certainty;
        if (row.PerCpu && Beyond(row, d, c, wanted))
            certainty = Certainty.Range;
        if (!row.WhenUp)
        {
            int least = d.Requested > 0 || row.LeastQueues >= queues ? cost : wanted + row.LeastQueues;
            return new(least, cost, high, shown, least < cost ? Certainty.Range : certainty);
        }
        // The queues of a network card are a setting of the running system (ethtool -L), which the crash kernel does not have.
        int free = row.PerCpu ? wanted + Vectors(row, d, Queues(row, d with { Requested = 0 }, c, wanted)) : cost;
        high = Math.Max(high, free + row.Extra);
        if (free > cost)
            certainty = Certainty.Range;
        int up = Math.Max(shown, row.AtProbe);
        return d.Up switch
        {
            true => new(row.AtProbe, up, high, up, certainty),
            // Nothing shows that the interface is brought up: its driver only probes.
            _ => new(row.AtProbe, row.AtProbe, high, row.AtProbe, Certainty.Range),
        };
    }

    /// <summary>
    /// Vectors for this number of queues. Some drivers give receive and transmit queues a vector each as long as they use no more
    /// than half of what the device has, and one for each pair above that (igb_set_flag_queue_pairs, igc_set_flag_queue_pairs).
    /// </summary>
    private static int Vectors(DriverDemand row, VectorDevice d, int queues)
    {
        if (!row.SplitsQueues)
            return queues;
        // The MSI-X table of such a device has one or two rows more than queues.
        int most = Math.Min(row.MaxQueues, d.MsixTable >= row.MaxQueues + 1 ? row.MaxQueues : Math.Max(1, d.MsixTable - 1));
        return queues <= most / 2 ? Math.Min(2 * queues, d.MsixTable - row.Fixed) : queues;
    }

    /// <summary>
    /// True if the running kernel shows the vectors of a fallback: the driver did not get what it requests with many CPUs, because the
    /// MSI-X table is too small or the vectors had run out. That tells nothing about the device's queues.
    /// </summary>
    private static bool FellBack(DriverDemand row, VectorDevice d)
    {
        int fallback = row.Fallback switch { Fallback.TwoThenPin => 2, Fallback.OneThenPin or Fallback.One => 1, _ => 0 };
        // Zero queues at least: one vector is what newer kernels' driver asks for.
        return row is { PerCpu: true, WhenUp: false, LeastQueues: > 0 } && d.CpusNow > 0 && d.Requested > 0 && d.Requested <= fallback &&
            d.MsixTable > fallback && (d.Requested < row.Fixed + 1 ||
            row.Fixed + Math.Min(row.CountsPossible ? d.CpusNow : 1, row.MaxQueues) > d.MsixTable);
    }

    /// <summary>
    /// The need if the fallback is not used: a queue for each CPU where the table has room, the fallback again where it has not.
    /// Where a device with one queue would look the same, the range holds both, and the larger one is taken as likely.
    /// </summary>
    private static VectorNeed AfterFallback(DriverDemand row, VectorDevice d, CaptureConditions c)
    {
        int cpus = row.CountsPossible ? c.Possible : c.Cpus;
        int again = row.Fallback == Fallback.TwoThenPin ? 2 : 1;
        // The table was too small: the device has more queues than it has rows.
        bool small = row.Fallback == Fallback.TwoThenPin && row.Fixed + Math.Min(d.CpusNow, row.MaxQueues) > d.MsixTable;
        int room = Math.Max(1, d.MsixTable - row.Fixed), queues = Math.Min(Math.Min(cpus, row.MaxQueues), room);
        if (row.CrashQueues >= 0)
            queues = Math.Min(queues, row.CrashQueues);
        if (c.ResetDevices && row.ResetQueues >= 0)
            queues = Math.Min(queues, row.ResetQueues);
        bool fits = cpus <= room || row.Fallback != Fallback.TwoThenPin;
        int cost = fits ? row.Fixed + (row.Managed && queues > 0 ? c.Possible : queues) : again;
        int shown = fits ? row.Fixed + queues : again;
        bool single = d.Requested == row.Fixed + 1;
        if (small && !single)
            return new(cost, cost, cost + row.Extra, shown, row.Extra > 0 ? Certainty.Range : Certainty.Sure);
        int least = Math.Min(again, cost), alone = row.Fixed + (row.Managed ? c.Possible : 1);
        return new(least, cost, Math.Max(cost, single ? alone : cost) + row.Extra, shown, Certainty.Range);
    }

    /// <summary>Queues on this many CPUs, by the driver's own limits and by what the device showed.</summary>
    private static int Queues(DriverDemand row, VectorDevice d, CaptureConditions c, int wanted)
    {
        int cpus = row.CountsPossible ? c.Possible : c.Cpus;
        int most = Math.Min(row.MaxQueues, Math.Max(1, d.MsixTable - wanted));
        int seen = d.Requested - row.Fixed;
        if (d.CpusNow > 0 && d.Requested > 0 && seen < Math.Min(d.CpusNow, most))
            most = Math.Max(0, seen);
        if (row.CrashQueues >= 0)
            most = Math.Min(most, row.CrashQueues);
        if (c.ResetDevices && row.ResetQueues >= 0)
            most = Math.Min(most, row.ResetQueues);
        int queues = Math.Min(cpus, most);
        return row.PowersOfTwo && queues > 0 ? (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)queues + 1) / 2 : queues;
    }

    /// <summary>More CPUs are asked about than the healthy kernel showed queues for.</summary>
    private static bool Beyond(DriverDemand row, VectorDevice d, CaptureConditions c, int wanted) =>
        d.CpusNow > 0 && d.Requested > 0 && c.Cpus > d.CpusNow && d.Requested - wanted >= Math.Min(d.CpusNow, row.MaxQueues);

    /// <summary>
    /// MSI without MSI-X: one message, because several need interrupt remapping and a driver that asks for them. A block is rounded
    /// up to a power of two, and all of it is taken at once if messages cannot be masked one by one.
    /// </summary>
    private static VectorNeed SingleMessage(DriverDemand row, VectorDevice d, CaptureConditions c)
    {
        bool up = !row.WhenUp || d.Up == true;
        // A message that cannot be masked is taken when it is allocated, requested or not.
        bool taken = up || !d.MsiMaskable;
        if (c.Remapping && d.Allocated > 1)
        {
            int held = d.MsiMaskable ? Math.Max(1, d.Requested) : d.Allocated;
            return new(up ? 1 : 0, taken ? held : 0, held, up ? d.Requested : 0, Certainty.Range);
        }
        int most = c.Remapping && row.PerCpu ? d.MsiMessages : 1;
        return new(up ? 1 : 0, taken ? 1 : 0, most, up ? 1 : 0, most > 1 || row.WhenUp ? Certainty.Range : Certainty.Sure);
    }

    /// <summary>The device decides, not the CPUs.</summary>
    private static VectorNeed AsNow(DriverDemand row, VectorDevice d)
    {
        if (d.CpusNow > 0 && d.Requested > 0)
            return VectorNeed.Exactly(d.Requested);
        int likely = Math.Min(row.Fixed, d.MsixTable);
        return new(1, likely, d.MsixTable, likely, Certainty.Range);
    }

    /// <summary>
    /// Port services: one vector for each different message number among PME and hotplug, AER, DPC. The firmware grants the crash
    /// kernel the same services as the healthy kernel, because both ask alike.
    /// </summary>
    private static VectorNeed Port(VectorDevice d, CaptureConditions c)
    {
        if (c.PortsCompat || c.NoMsi || !d.HasMessages)
            return VectorNeed.None;
        if (d.Driver == "pcieport" && d.CpusNow > 0)
        {
            int without = c.NoAer && d.Messages is { } m ? m.Distinct(withoutAer: false) - m.Distinct(withoutAer: true) : 0;
            int now = Math.Max(0, d.Requested - without);
            // A block of plain MSI is held whole, including messages that nobody requested.
            int held = d.MsixTable > 0 || d.MsiMaskable || without > 0 ? now : Math.Max(now, d.Allocated);
            return new(held, held, held, now, Certainty.Sure);
        }
        int likely = d.Messages?.Distinct(c.NoAer) ?? (d.PortType is 4 or 10 ? 1 : 0);
        return VectorNeed.Between(0, likely, Math.Max(3, likely), Certainty.Range);
    }

    /// <summary>
    /// A driver that is not in the table. With the same number of CPUs or fewer it asks for no more than now; the part that grows
    /// with the CPUs is the largest multiple of their number in what it has. If the device shows nothing: a handful and two queues
    /// per CPU, within its MSI-X table.
    /// </summary>
    private static VectorNeed Stranger(VectorDevice d, CaptureConditions c)
    {
        if (c.NoMsi || !d.HasMessages)
            return VectorNeed.None;
        if (d.MsixTable == 0)
            return VectorNeed.Between(0, 1, c.Remapping ? Math.Max(1, d.MsiMessages) : 1, Certainty.Unknown);
        if (d.CpusNow > 0 && d.Allocated > 0)
        {
            int each = d.Requested / d.CpusNow, rest = d.Requested - (each * d.CpusNow);
            int cpus = Math.Min(c.Cpus, d.MsixTable);
            int likely = Math.Max(1, each > 0 ? rest + (each * cpus) : d.Requested);
            int most = c.Cpus <= d.CpusNow ? d.Allocated : Math.Min(d.MsixTable, d.Allocated * ((c.Cpus + d.CpusNow - 1) / d.CpusNow));
            return VectorNeed.Between(0, Math.Min(likely, d.MsixTable), most, Certainty.Unknown);
        }
        return VectorNeed.Between(0, Math.Min(d.MsixTable, 1 + c.Cpus), Math.Min(d.MsixTable, 4 + (2 * c.Cpus)), Certainty.Unknown);
    }
}
