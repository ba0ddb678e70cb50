using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>Sections of CPER that arm64 machines have (drivers/firmware/efi/cper-arm.c), as 6.8 and 6.11 print them.</summary>
public sealed class ArmProcessorErrorTests
{
    private static string Log(string severity, string type, string outcome, params string[] more) => string.Concat(new[]
    {
        "{7}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 5",
            $"{{7}}[Hardware Error]: event severity: {severity}",
        $"{{7}}[Hardware Error]:  Error 0, type: {severity}", "{7}[Hardware Error]:   section_type: ARM processor error",
        "{7}[Hardware Error]:   MIDR: 0x00000000413fd0c1",
        "{7}[Hardware Error]:   Multiprocessor Affinity Register (MPIDR): 0x0000000081120000", "{7}[Hardware Error]:   running state: 0x1",
        "{7}[Hardware Error]:   Error info structure 0:", "{7}[Hardware Error]:   num errors: 1",
            $"{{7}}[Hardware Error]:    error_type: {type}",
        "{7}[Hardware Error]:     cache level: 1",
    }.Concat(more.Select(m => $"{{7}}[Hardware Error]:     {m}")).Append($"{{7}}[Hardware Error]:     the error has {outcome}")
        .Select((l, i) => $"[ 9123.{i:000000}] {l}\n"));

    private const string Started = "[    0.000000] Booting Linux on physical CPU 0x0000000000 [0x413fd0c1]\n" +
        "[    0.900000] CPU18: Booted secondary processor 0x0000120000 [0x413fd0c1]\n";

    [Theory]
    [InlineData("0, cache error")]
    [InlineData("0x02: cache error")]
    public void The_core_is_the_CPU_that_the_kernel_started_with_that_affinity(string type)
    {
        Finding f = Assert.Single(Explained.Findings("hardware-error-by-firmware", Started +
            Log("recoverable", type, "not been corrected")));
        Assert.Contains("uncorrected ARM processor error, cache error (level 1)", f.Title, StringComparison.Ordinal);
        Assert.Contains("is CPU 18, a Neoverse N1 r3p1", f.Why, StringComparison.Ordinal);
        Assert.Contains(f.Evidence, e => e.Text.Contains("CPU18: Booted secondary processor", StringComparison.Ordinal));
        Assert.DoesNotContain("processor bank", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_that_line_the_core_is_named_by_its_affinity_alone()
    {
        Finding f = Assert.Single(Explained.Findings("hardware-error-by-firmware", Log("fatal", "0, cache error", "not been corrected",
            "processor context corrupted")));
        Assert.Contains("MPIDR 0x120000", f.Why, StringComparison.Ordinal);
        Assert.Contains("Processor context corrupted", f.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("is CPU", f.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_that_was_corrected_is_not_told_as_uncorrected() =>
        Assert.DoesNotContain("uncorrected", Assert.Single(Explained.Findings("hardware-error-by-firmware",
            Log("recoverable", "0, cache error", "been corrected"))).Title, StringComparison.Ordinal);

    [Fact]
    public void Two_cores_are_two_findings() =>
        Assert.Equal(2, Explained.Findings("hardware-error-by-firmware", Log("corrected", "0, cache error", "been corrected") +
            Log("corrected", "0, cache error", "been corrected").Replace("81120000", "81130000", StringComparison.Ordinal)
                .Replace("{7}", "{8}", StringComparison.Ordinal)).Count);

    [Theory]
    [InlineData("40010003", "the link between the sockets, socket 1")]
    [InlineData("00020701", "a memory controller (MCU), socket 0")]
    [InlineData("800a0007", "PCIe (AER), socket 2")]
    public void Ampere_s_own_record_names_the_part_by_its_first_byte(string word, string part)
    {
        Finding f = Assert.Single(Explained.Findings("hardware-error-by-firmware", $$"""
            [25131.754400] {77}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 5
            [25131.754408] {77}[Hardware Error]: event severity: corrected
            [25131.754411] {77}[Hardware Error]:  Error 0, type: corrected
            [25131.754418] {77}[Hardware Error]:   section type: unknown, e8ed898d-df16-43cc-8ecc-54f060ef157f
            [25131.754419] {77}[Hardware Error]:   section length: 0x30
            [25131.754427] {77}[Hardware Error]:   00000000: {{word}} 00000000 00400000 00462030  ...@......@.0 F.
            """));
        Assert.Contains(part, f.Title, StringComparison.Ordinal);
    }
}
