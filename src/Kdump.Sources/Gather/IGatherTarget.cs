namespace Kdump.Sources.Gather;

/// <summary>The target of a collection: a folder or an archive. Paths begin with a slash and are written once each.</summary>
public interface IGatherTarget : IDisposable
{
    void File(string path, byte[] content, UnixFileMode mode, DateTimeOffset modified);

    /// <summary>A link as it is on the machine; its target may be missing in the collection.</summary>
    void Link(string path, string target);
}
