using Kdump.Diagnosis.MachineChecks.Records;

namespace Kdump.Diagnosis.MachineChecks.Amd;

/// <summary>
/// AMD's processors by family and model (arch/x86/kernel/cpu/amd.c, AMD's Processor Programming References). mcelog adds up the model of
/// families 6 and 15 only, so it prints "Family 25 Model 1" for model 61h.
/// </summary>
internal static class AmdGenerations
{
    private readonly record struct Range(uint Family, uint First, uint Last, string Words);

    private static readonly Range[] All =
    [
        new(0x0f, 0x00, 0xff, "K8: Athlon 64, Opteron"), new(0x10, 0x00, 0xff, "K10: Phenom, Opteron"), new(0x11, 0x00, 0xff,
            "Turion X2 Ultra"),
        new(0x12, 0x00, 0xff, "Llano"), new(0x14, 0x00, 0xff, "Bobcat"), new(0x15, 0x00, 0x01, "Bulldozer"),
        new(0x15, 0x02, 0x1f, "Piledriver"), new(0x15, 0x30, 0x3f, "Steamroller"), new(0x15, 0x60, 0x7f, "Excavator"),
        new(0x16, 0x00, 0xff, "Jaguar"), new(0x17, 0x08, 0x08, "Zen+: Ryzen 2000"), new(0x17, 0x00, 0x0f, "Zen: EPYC 7001, Ryzen 1000"),
        new(0x17, 0x18, 0x18, "Zen+: Ryzen 3000 with graphics"), new(0x17, 0x10, 0x2f, "Zen: Ryzen with graphics"),
        new(0x17, 0x30, 0x3f, "Zen 2: EPYC 7002, Threadripper 3000"), new(0x17, 0x60, 0x6f, "Zen 2: Ryzen 4000 with graphics"),
        new(0x17, 0x70, 0x7f, "Zen 2: Ryzen 3000"), new(0x17, 0x80, 0xaf, "Zen 2"), new(0x18, 0x00, 0xff, "Hygon Dhyana"),
        new(0x19, 0x00, 0x0f, "Zen 3: EPYC 7003"), new(0x19, 0x10, 0x1f, "Zen 4: EPYC 9004"), new(0x19, 0x20, 0x2f, "Zen 3: Ryzen 5000"),
        new(0x19, 0x40, 0x4f, "Zen 3+: Ryzen 6000"), new(0x19, 0x50, 0x5f, "Zen 3: Ryzen 5000 with graphics"),
        new(0x19, 0x60, 0x6f, "Zen 4: Ryzen 7000"), new(0x19, 0x70, 0x7f, "Zen 4: Ryzen 7040"), new(0x19, 0x90, 0x9f, "Instinct MI300"),
        new(0x19, 0xa0, 0xaf, "Zen 4c: EPYC 9004 and 8004"), new(0x1a, 0x00, 0x1f, "Zen 5: EPYC 9005"), new(0x1a, 0x20, 0x2f,
            "Zen 5: Ryzen AI 300"),
        new(0x1a, 0x40, 0x4f, "Zen 5: Ryzen 9000"), new(0x1a, 0x60, 0x6f, "Zen 5: Ryzen AI"), new(0x1a, 0x70, 0x7f, "Zen 5: Ryzen AI Max"),
    ];

    /// <summary><c>AMD family 19h model 61h (Zen 4: Ryzen 7000)</c></summary>
    public static string Words(CpuId id)
    {
        string name = Array.Find(All, r => r.Family == id.Family && id.Model >= r.First && id.Model <= r.Last).Words ?? "";
        return $"AMD family {id.Family:x}h model {id.Model:x}h{(name.Length > 0 ? $" ({name})" : "")}";
    }
}
