using System.IO.Compression;
using System.Text;
using Kdump.Formats.Archives;
using Kdump.Tests.MachineChecks;

namespace Kdump.Tests.Inputs;

/// <summary>Crash reports of apport: texts and packed files of one report are evidence.</summary>
public sealed class ApportTests : IDisposable
{
    private const string Fatal = "[   10.000000] mce: [Hardware Error]: CPU 6: Machine Check Exception: 4 Bank 5: be00000000800400\n";

    private readonly string path = Path.GetTempFileName();

    [Fact]
    public void Fields_of_both_kinds_are_read_and_their_values_are_whole()
    {
        string noise = Convert.ToHexString(RandomBytes(200_000));
        var report = new ApportReport(Text(Head + "Lspci:\n one\n two\n" + Packed("VmCoreLog", "first\n" + noise) + Packed("Empty", "")));
        var fields = new Dictionary<string, string>();
        while (report.Next() is { } name)
        {
            var all = new MemoryStream();
            report.Content.CopyTo(all);
            fields[name] = name is "VmCoreLog" or "Empty" ? Unpacked(all.ToArray()) : Encoding.UTF8.GetString(all.ToArray());
        }
        Assert.Equal(["ProblemType", "Date", "Lspci", "VmCoreLog", "Empty"], fields.Keys);
        Assert.Equal("KernelCrash\n", fields["ProblemType"]);
        Assert.Equal("\none\ntwo\n", fields["Lspci"]);
        Assert.Equal("first\n" + noise, fields["VmCoreLog"]);
        Assert.Equal("", fields["Empty"]);
    }

    [Fact]
    public void A_field_that_nobody_reads_costs_no_other()
    {
        var report = new ApportReport(Text(Head + Packed("VmCore", Convert.ToHexString(RandomBytes(300_000))) + "Uname: Linux\n"));
        var names = new List<string>();
        while (report.Next() is { } name)
            names.Add(name);
        Assert.Equal(["ProblemType", "Date", "VmCore", "Uname"], names);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Its_log_is_judged(bool packed)
    {
        File.WriteAllText(path, Head + (packed ? Packed("VmCoreDmesg", Fatal) : "OopsText:\n " + Fatal));
        (int code, string output, _) = Run.Kdt("explain", path);
        Assert.Equal(1, code);
        Assert.Contains("mce-fatal", output, StringComparison.Ordinal);
        Assert.Contains(packed ? "/VmCoreDmesg" : "/OopsText", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_that_is_cut_is_no_all_clear()
    {
        string quiet = "[    1.000000] usb 1-1: new high-speed USB device number 2 using xhci_hcd\n";
        string whole = Head + Packed("VmCoreDmesg", string.Concat(Enumerable.Range(0, 3000).Select(i => $"{i} {quiet}")));
        foreach (int length in new[] { whole.Length / 2, whole.Length - 7, whole.Length - 30 })
        {
            File.WriteAllText(path, whole[..length]);
            (int code, string output, string error) = Run.Kdt("explain", path);
            Assert.Equal(2, code);
            Assert.DoesNotContain("Nothing wrong", output, StringComparison.Ordinal);
            Assert.NotEqual("", error);
        }
    }

    [Fact]
    public void A_file_that_begins_as_one_and_is_none_is_refused()
    {
        File.WriteAllText(path, "ProblemType: Crash\nand then prose without any colon");
        Assert.Equal(2, Run.Kdt("explain", path).Code);
    }

    public void Dispose() => File.Delete(path);

    private const string Head = "ProblemType: KernelCrash\nDate: Fri Nov 27 03:12:45 2026\n";

    /// <summary>As apport writes it: a gzip stream in pieces, each encoded with its own padding.</summary>
    private static string Packed(string name, string text)
    {
        var gzip = new MemoryStream();
        using (var packer = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true))
            packer.Write(Encoding.UTF8.GetBytes(text));
        var report = new StringBuilder($"{name}: base64\n");
        byte[] bytes = gzip.ToArray();
        for (int at = 0; at < bytes.Length; at += at == 0 ? 10 : 1000)
            report.Append(' ').Append(Convert.ToBase64String(bytes[at..Math.Min(bytes.Length, at + (at == 0 ? 10 : 1000))])).Append('\n');
        return report.ToString();
    }

    private static string Unpacked(byte[] gzip)
    {
        if (gzip.Length == 0)
            return "";
        using var unpacked = new GZipStream(new MemoryStream(gzip), CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        return reader.ReadToEnd();
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(4).NextBytes(bytes);
        return bytes;
    }

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));
}
