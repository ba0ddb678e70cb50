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

    /// <summary>Failures that the machine's hardware reports.</summary>
    Hardware,

    /// <summary>Failures of the kernel itself.</summary>
    Crashing,

    /// <summary>What <c>kdt image check</c> finds in an image.</summary>
    Image,
}
