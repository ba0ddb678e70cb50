namespace Kdump.Diagnosis.Text;

/// <summary>
/// <c>crashkernel=</c> with ranges (Documentation/admin-guide/kdump/kdump.rst): <c>2G-64G:256M,64G-:512M@…</c>, or one size.
/// </summary>
public static class CrashkernelSize
{
    /// <summary>Bytes for a machine with so much memory; 0 below the lowest range, null where the value cannot be read.</summary>
    public static long? Of(string value, long ram)
    {
        string text = value.Split('@')[0];
        if (!text.Contains(':'))
            return Bytes(text.Split(',')[0]);
        foreach (string part in text.Split(','))
        {
            if (part.Split(':') is not [var range, var size] || range.Split('-') is not [var from, var to] || Bytes(from) is not { } low ||
                Bytes(size) is not { } bytes)
                return null;
            long high = to.Length == 0 ? long.MaxValue : Bytes(to) ?? -1;
            if (high < 0)
                return null;
            if (ram >= low && ram < high)
                return bytes;
        }
        return 0;
    }

    private static long? Bytes(string text)
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        return long.TryParse(shift > 0 ? text[..^1] : text, out long number) && number is >= 0 and < 1L << 22 ? number << shift : null;
    }
}
