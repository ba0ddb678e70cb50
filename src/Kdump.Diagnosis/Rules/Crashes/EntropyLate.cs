using System.Globalization;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The kernel's generator of random numbers was ready late: drivers/char/random.c.</summary>
public sealed class EntropyLate : Rule
{
    /// <summary>Up to here a start is only slow.</summary>
    private const double Late = 60;

    public override string Id => "entropy-late";

    public override Entry Entry => new("entropy-late", "random numbers came late")
    {
        Area = Area.Crashing,
        Signature = ["random: crng init done"],
        Cause = "Until the kernel's generator is ready, whoever asks getrandom() waits (sshd, TLS, key generation): the machine seems " +
            "to hang at start.",
        Fixes =
        [
            new("Give it a source: a hardware generator (virtio-rng for a guest), a seed from the boot loader (rng-seed in the device " +
                "tree, EFI), " +
                "or random.trust_cpu=on", "cat /sys/class/misc/hw_random/rng_available"),
            new("From user space: rng-tools, haveged or jitterentropy-rngd; keep /var/lib/systemd/random-seed"),
        ],
        Origin = "drivers/char/random.c",
    };

    public override IEnumerable<Opinion> Judge(Facts facts)
    {
        RandomReady? late = facts.Of<RandomReady>().FirstOrDefault(r => r.Boot?.Capture != true && r.Seconds > Late);
        if (late is null)
            yield break;
        string seconds = late.Seconds.ToString("0", CultureInfo.InvariantCulture);
        yield return new Finding(Id, $"the kernel had no random numbers (entropy) until {seconds} s after its start", Severity.Warning, 0.9,
            $"Whoever asked getrandom() before (sshd, TLS, key generation) waited up to {seconds} s.")
        {
            Fixes = Entry.Fixes,
            Evidence = [late.Source],
        };
    }
}
