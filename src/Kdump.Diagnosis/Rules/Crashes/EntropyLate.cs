using System.Globalization;
using Kdump.Diagnosis.Evidence.Logs;

namespace Kdump.Diagnosis.Rules.Crashes;

/// <summary>The kernel's random number generator was ready late: drivers/char/random.c.</summary>
public sealed class EntropyLate : Rule
{
    /// <summary>Seconds after boot; an earlier time is only a slow start.</summary>
    private const double Late = 60;

    public override string Id => "entropy-late";

    public override Entry Entry => new("entropy-late", "the random number generator was ready late")
    {
        Area = Area.Crashing,
        Signature = ["random: crng init done"],
        Cause = "Until the kernel's generator is ready, programs that call getrandom() wait (sshd, TLS, key generation): " +
            "the machine seems to hang at boot.",
        Fixes =
        [
            new("Give it an entropy source: a hardware generator (virtio-rng for a guest), a seed from the boot loader " +
                "(rng-seed in the device tree, EFI), or random.trust_cpu=on", "cat /sys/class/misc/hw_random/rng_available"),
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
        yield return new Finding(Id, $"the kernel's random number generator was not ready until {seconds} s after boot (no entropy)",
            Severity.Warning, 0.9,
            $"Programs that called getrandom() before that (sshd, TLS, key generation) waited up to {seconds} s.")
        {
            Fixes = Entry.Fixes,
            Evidence = [late.Source],
        };
    }
}
