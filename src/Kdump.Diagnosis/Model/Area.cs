namespace Kdump.Diagnosis.Model;

/// <summary>The chapters of the catalogue, in the order of a crash's life.</summary>
public enum Area
{
    /// <summary>The machine before the crash: memory, service, image, loading.</summary>
    Preparing,

    /// <summary>The crash kernel comes up.</summary>
    Starting,

    /// <summary>Its programs wait for disk or network.</summary>
    Reaching,

    /// <summary>The dump is written.</summary>
    Writing,

    /// <summary>What the machine's hardware says.</summary>
    Hardware,

    /// <summary>What the kernel says of itself.</summary>
    Crashing,

    /// <summary>What <c>kdt image check</c> finds in an image.</summary>
    Image,
}
