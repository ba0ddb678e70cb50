using System.IO.Compression;
using Kdump.Cli.Terminals;
using Kdump.Diagnosis.Kconfig;
using Kdump.Diagnosis.Text;
using Kdump.Formats.Bytes;
using Kdump.Formats.Compression;
using Kdump.Sources.Inputs;

namespace Kdump.Cli.Commands;

/// <summary>Reads a kernel config from a text, a gzip file (/proc/config.gz), or a kernel image that contains one (IKCONFIG).</summary>
internal static class KconfigInput
{
    /// <summary>Limit for the unpacked bytes; a config has about 300 kB.</summary>
    private const int MaxBytes = 32 << 20;

    public static ConfigOptions Read(string path, Context context)
    {
        // A kernel with a built-in config is not text, so binary content is accepted here.
        using OpenInput input = OpenInput.OpenText(path, context.Input);
        byte[] head = new byte[MaxBytes];
        int length = input.Content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        ConfigOptions config = Parse(path, Unpacked(head.AsSpan(0, length)));
        if (input.Note is { } missing)
            throw new InputException(path, "content", -1, missing);
        if (config.Values.Count == 0)
            throw new InputException(path, "CONFIG_", -1,
                "contains no kernel config; give a /boot/config-* file, /proc/config.gz, or an uncompressed kernel with IKCONFIG");
        return config;
    }

    private static byte[] Unpacked(ReadOnlySpan<byte> bytes)
    {
        // kernel/configs.c: "IKCFG_ST", a gzip stream, "IKCFG_ED".
        int marker = bytes.IndexOf("IKCFG_ST"u8);
        if (marker >= 0)
            bytes = bytes[(marker + 8)..];
        if (StreamCodecs.Of(bytes)?.Name != "gzip")
            return bytes.ToArray();
        using var gzip = new GZipStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
        var text = new byte[MaxBytes];
        try
        {
            return text[..gzip.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }

    private static ConfigOptions Parse(string path, byte[] bytes)
    {
        var config = new ConfigOptions();
        var reader = new LineReader(path, new MemoryStream(bytes));
        while (reader.Next(out TextLine line))
            config.Line(line.Text);
        return config;
    }
}
