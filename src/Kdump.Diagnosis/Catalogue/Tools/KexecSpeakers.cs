namespace Kdump.Diagnosis.Catalogue.Tools;

/// <summary>
/// When the kernel refuses to load, each loader prints that in its own form: kexec-tools (<c>kexec_load failed: Invalid
/// argument</c>), systemctl (<c>kexec_file_load() failed …: Invalid argument</c>), kexec-lite of petitboot (<c>kexec syscall
/// failed: …</c>) and programs in Go (<c>SYS_kexec_file_load(…) = invalid argument</c>, <c>kexec_file_load: invalid argument</c>;
/// u-root, Talos). The error's words are the C library's; Go prints them in lower case.
/// </summary>
internal static class KexecSpeakers
{
    private const string File = "kexec_file_load failed: ", Old = "kexec_load failed: ", Both = "_load failed: ";

    /// <summary>Errors that musl, the C library of Alpine and of static kexec builds, words in its own way (strerror).</summary>
    private static readonly (string Glibc, string Words)[] Musl =
    [
        ("Cannot assign requested address", "Address not available"), ("Device or resource busy", "Resource busy"),
        ("Cannot allocate memory", "Out of memory"), ("Operation not supported", "Not supported"), ("Input/output error", "I/O error"),
    ];

    /// <summary>Each message, followed by its other wordings.</summary>
    public static IEnumerable<ToolMessage> Of(IEnumerable<ToolMessage> messages)
    {
        ToolMessage[] all = [.. messages.SelectMany(m => (IEnumerable<ToolMessage>)[m, .. InMusl(m)])];
        IEnumerable<ToolMessage> others = all.SelectMany(Others).DistinctBy(m => m.Wording);
        return all.Concat(others);
    }

    private static IEnumerable<ToolMessage> Others(ToolMessage message)
    {
        string wording = message.Wording;
        bool file = wording.StartsWith(File, StringComparison.Ordinal) || wording.StartsWith(Both, StringComparison.Ordinal),
            old = wording.StartsWith(Old, StringComparison.Ordinal) || wording.StartsWith(Both, StringComparison.Ordinal);
        string error = wording[(wording.IndexOf(": ", StringComparison.Ordinal) + 2)..];
        if ((!file && !old) || error.StartsWith('{'))
            yield break;
        string small = char.ToLowerInvariant(error[0]) + error[1..];
        if (file)
        {
            yield return message with { Wording = $"kexec_file_load() failed*{error}" };
            yield return message with { Wording = $"SYS_kexec_file_load(*= {small}" };
            yield return message with { Wording = $"kexec_file_load: {small}" };
        }
        if (old)
        {
            yield return message with { Wording = $"kexec syscall failed: {error}" };
            yield return message with { Wording = $"SYS_kexec_load(*= {small}" };
            yield return message with { Wording = $"kexec_load: {small}" };
        }
    }

    private static IEnumerable<ToolMessage> InMusl(ToolMessage message)
    {
        foreach ((string glibc, string words) in Musl)
        {
            if (message.Wording.EndsWith("_load failed: " + glibc, StringComparison.Ordinal))
                yield return message with { Wording = message.Wording[..^glibc.Length] + words };
        }
    }
}
