using Kdump.Diagnosis.Text;

namespace Kdump.Diagnosis.Evidence.Logs;

/// <summary>A driver's probe gave up: drivers/base/dd.c really_probe, in its wording before and since 6.11.</summary>
/// <param name="Driver"><c>virtio_blk</c></param>
/// <param name="Device"><c>virtio0</c>, or a PCI address.</param>
/// <param name="Errno">Positive.</param>
public sealed record ProbeFailed(Source Source, string Driver, string Device, int Errno) : Fact(Source);

/// <summary>A driver said in its own words that bringing up a device failed, with an error number.</summary>
public sealed record DriverError(Source Source, string Driver, string Device, int Errno) : Fact(Source);

/// <summary>A driver asked for an interrupt and was refused.</summary>
public sealed record InterruptRefused(Source Source, string Driver, string Device) : Fact(Source);

/// <summary>The kernel's own words about interrupt vectors running out.</summary>
public sealed record VectorShortage(Source Source) : Fact(Source);

/// <summary>A firmware file that a driver asked for could not be loaded.</summary>
public sealed record FirmwareMissing(Source Source, string Driver, string Device, string File, int Errno) : Fact(Source);

internal static class ProbeErrors
{
    /// <summary>Every line that is accepted contains one of these.</summary>
    internal static IEnumerable<string> SignTexts =>
    [
        ": probe of ", ": probe with driver ", ": probe failed for device ",
        "Interrupt reservation exceeds", "vector space exhaustion", "Managed startup irq ",
            "DMAR: No free IRQ", ": Direct firmware load for ", "request interrupt ",
        "fail", "Fail", "FAIL", "error", "Error", "ERROR", "unable", "Unable", "UNABLE", "cannot", "Cannot", "CANNOT", "can't", "Can't",
            "CAN'T",
    ];

    public static bool Read(in KernelLine kernel, in TextLine line, Facts facts)
    {
        ReadOnlySpan<char> m = kernel.Message;
        return ProbeOf(m, line, facts) || Shortage(m, line, facts) || Firmware(m, line, facts) || DeviceError(m, line, facts);
    }

    /// <summary>
    /// <c>D: probe of X failed with error -N</c>, and since 6.11 <c>D X: probe with driver D failed with error -N</c>; Hyper-V's bus has
    /// its own words: <c>hv_vmbus: probe failed for device X (-N)</c> (drivers/hv/vmbus_drv.c).
    /// </summary>
    private static bool ProbeOf(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        if (c.Before(": probe of ", out ReadOnlySpan<char> driver))
        {
            if (!c.Before(" failed with error -", out ReadOnlySpan<char> device) || !c.Number(out long errno) || !IsErrno(errno) ||
                !IsName(driver) || !IsName(device))
                return false;
            facts.Add(new ProbeFailed(line.ToSource(), driver.ToString(), device.ToString(), (int)errno));
            return true;
        }
        if (c.Before(": probe failed for device ", out driver))
        {
            if (!c.Before(" (-", out ReadOnlySpan<char> device) || !c.Number(out long errno) || !IsErrno(errno) || !IsName(driver) ||
                !IsName(device))
                return false;
            facts.Add(new ProbeFailed(line.ToSource(), driver.ToString(), device.ToString(), (int)errno));
            return true;
        }
        if (c.Before(": probe with driver ", out ReadOnlySpan<char> busAndDevice))
        {
            if (!c.Before(" failed with error -", out driver) || !c.Number(out long errno) || !IsErrno(errno) || !IsName(driver))
                return false;
            ReadOnlySpan<char> device = busAndDevice[(busAndDevice.LastIndexOf(' ') + 1)..];
            if (!IsName(device))
                return false;
            facts.Add(new ProbeFailed(line.ToSource(), driver.ToString(), device.ToString(), (int)errno));
            return true;
        }
        return false;
    }

    private static bool Shortage(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        bool shortage = m.StartsWith("Interrupt reservation exceeds available resources", StringComparison.Ordinal) ||
            m.Contains("Affinity broken due to vector space exhaustion", StringComparison.Ordinal) ||
            (m.StartsWith("Managed startup irq ", StringComparison.Ordinal) &&
                m.Contains("no vector available", StringComparison.Ordinal)) ||
            m.StartsWith("DMAR: No free IRQ vectors", StringComparison.Ordinal);
        if (shortage)
            facts.Add(new VectorShortage(line.ToSource()));
        return shortage;
    }

    /// <summary><c>D X: Direct firmware load for F failed with error -2</c> (drivers/base/firmware_loader/main.c).</summary>
    private static bool Firmware(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        var c = new TextCursor(m);
        if (!c.Before(": Direct firmware load for ", out ReadOnlySpan<char> who) ||
            !c.Before(" failed with error -", out ReadOnlySpan<char> file) ||
            !c.Number(out long errno) || !IsErrno(errno))
            return false;
        int blank = who.IndexOf(' ');
        facts.Add(new FirmwareMissing(line.ToSource(), (blank < 0 ? "" : who[..blank]).ToString(), who[(blank + 1)..].ToString(),
            file.ToString(), (int)errno));
        return true;
    }

    /// <summary>
    /// <c>DRIVER DEVICE: words … -N</c>: dev_err() in a driver's own words. The device must look like one (a bus address, or the driver's
    /// short name and a number) and the words must report a failure, because numbers stand in many harmless lines.
    /// </summary>
    private static bool DeviceError(ReadOnlySpan<char> m, in TextLine line, Facts facts)
    {
        if (!Speaker(m, out ReadOnlySpan<char> driver, out ReadOnlySpan<char> device, out ReadOnlySpan<char> words))
            return false;
        if ((words.StartsWith("request interrupt ", StringComparison.Ordinal) && words.Contains("failed", StringComparison.Ordinal)) ||
            words.StartsWith("Failed to initialize MSI-X interrupts", StringComparison.Ordinal))
        {
            facts.Add(new InterruptRefused(line.ToSource(), driver.ToString(), device.ToString()));
            return true;
        }
        if (!(EndsWithErrno(words, out int errno) || NamesErrno(words, out errno)) || !SpeaksOfFailure(words))
            return false;
        facts.Add(new DriverError(line.ToSource(), driver.ToString(), device.ToString(), errno));
        return true;
    }

    /// <summary>Takes a line <c>DRIVER DEVICE: words</c> apart; the device must look like one.</summary>
    internal static bool Speaker(ReadOnlySpan<char> m, out ReadOnlySpan<char> driver, out ReadOnlySpan<char> device,
        out ReadOnlySpan<char> words)
    {
        driver = device = words = default;
        int colon = m.IndexOf(": ", StringComparison.Ordinal);
        int blank = m.IndexOf(' ');
        if (blank <= 0 || colon <= blank)
            return false;
        driver = m[..blank];
        device = m[(blank + 1)..colon];
        words = m[(colon + 2)..];
        // A network driver puts the interface behind the address: "e1000e 0000:00:16.0 eth32: …".
        if (device.IndexOf(' ') is > 0 and var second && PciAddress.TryParse(device[..second], out _))
            device = device[..second];
        return IsName(driver) && IsName(device) && IsDevice(driver, device);
    }

    private static bool SpeaksOfFailure(ReadOnlySpan<char> words) =>
        words.Contains("fail", StringComparison.OrdinalIgnoreCase) || words.Contains("error", StringComparison.OrdinalIgnoreCase) ||
        words.Contains("unable", StringComparison.OrdinalIgnoreCase) || words.Contains("cannot", StringComparison.OrdinalIgnoreCase) ||
        words.Contains("can't", StringComparison.OrdinalIgnoreCase);

    /// <summary>A negative number of at most three digits as the last word: <c>-28</c>, <c>(-28)</c>, <c>err=-28!</c>.</summary>
    private static bool EndsWithErrno(ReadOnlySpan<char> words, out int errno)
    {
        errno = 0;
        ReadOnlySpan<char> end = words.TrimEnd(" )!.,]");
        int minus = end.LastIndexOf('-');
        if (minus < 0 || (minus > 0 && char.IsLetterOrDigit(end[minus - 1])))
            return false;
        return int.TryParse(end[(minus + 1)..], out errno) && IsErrno(errno);
    }

    /// <summary><c>Error -28 getting interrupt</c>: the number stands behind the word.</summary>
    private static bool NamesErrno(ReadOnlySpan<char> words, out int errno)
    {
        var c = new TextCursor(words);
        errno = 0;
        if (!c.Skip("Error -") && !c.Skip("error -") || !c.Number(out long value) || !IsErrno(value))
            return false;
        errno = (int)value;
        return true;
    }

    private static bool IsErrno(long errno) => errno is > 0 and < 600;

    private static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > 63)
            return false;
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or ':' or '@' or '+' or '/'))
                return false;
        }
        return true;
    }

    private static bool IsDevice(ReadOnlySpan<char> driver, ReadOnlySpan<char> device) =>
        PciAddress.TryParse(device, out _) ||
            (char.IsAsciiDigit(device[^1]) &&
            (device.StartsWith(driver[..Math.Min(3, driver.Length)], StringComparison.Ordinal) || device.Contains(':')));
}
