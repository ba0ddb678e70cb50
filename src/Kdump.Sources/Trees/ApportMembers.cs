using Kdump.Formats.Archives;

namespace Kdump.Sources.Trees;

/// <summary>The fields of an apport crash report, each as a file of that name.</summary>
internal static class ApportMembers
{
    public static IEnumerable<ArchiveMember> Of(Func<Stream> open)
    {
        using Stream stream = open();
        var report = new ApportReport(stream);
        while (report.Next() is { } field)
            yield return new(field, 0, 0, false, null, report.Content);
        stream.CopyTo(Stream.Null);
    }
}
