using Kdump.Diagnosis.Evidence.Machines;

namespace Kdump.Diagnosis.Rules.Hosts;

/// <summary>
/// The reservation is likely enough and less than the most that may be needed: no finding, and no statement that all is well either
/// (<c>kdt host memory</c>).
/// </summary>
public sealed class HostReservationTight : Rule
{
    public override string Id => "crashkernel-too-small";

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        if (facts.Of<MemoryOutlook>() is [.., { Reserved: > 0, Enough: null } outlook] &&
            outlook.Reserved >= outlook.Forecast.Needed.Likely)
            yield return new Unknown(
                $"whether {outlook.Reserved >> 20} MB are enough: likely {outlook.Forecast.Needed.Likely >> 20} MB are needed, at most " +
                    $"{outlook.Forecast.Needed.High >> 20} MB",
                "kdt host rehearse with the machine's image, or a test crash");
    }
}
