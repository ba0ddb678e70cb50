namespace Kdump.Diagnosis.Crashes;

/// <summary>
/// KASAN, KMSAN, KCSAN, KFENCE (all begin with <c>BUG:</c>) and UBSAN: mm/kasan/report.c, mm/kmsan/report.c, kernel/kcsan/report.c,
/// mm/kfence/report.c, lib/ubsan.c.
/// </summary>
internal static class SanitizerRecipes
{
    private static readonly NamePattern TagFault = new(["kernel_fault", "tag_check", "mem_abort", "^el1_", "^el1h_"]);
    private static readonly NamePattern Freeing = new(["slab_", "kfree", "vunmap", "vfree"]);
    private static readonly NamePattern Usb =
        new(["alloc_skb", "usb_submit_urb", "usb_start_wait_urb", "usb_bulk_msg", "usb_interrupt_msg", "usb_control_msg"]);

    /// <summary>Generic netlink and crypto code handles what others left uninitialised.</summary>
    private static readonly NamePattern Carriers =
        new(["alloc_skb", "netlink_ack", "netlink_rcv_skb", "_encrypt$", "^crypto_", "^cipher_", "^drbg_", "^rng_"]);
    private static readonly NamePattern Checks = new(["ubsan", "overflow"]);

    public static readonly Recipe[] Bug =
    [
        new("kasan", "BUG: KASAN: {w} in ", "KASAN: {1} {2} in {f}") { Walk = Walks.NamedThenCall, Skip = TagFault, Detail = Details.Access,
            Merge = "bad-access" },
        new("kasan", "BUG: KASAN: double-free or invalid-free in ", "KASAN: invalid-free in {f}") { Walk = Walks.NamedThenCall,
            Skip = Freeing, Merge = "invalid-free" },
        new("kasan", "BUG: KASAN: double-free in ", "KASAN: invalid-free in {f}") { Walk = Walks.NamedThenCall, Skip = Freeing,
            Merge = "invalid-free" },
        new("kasan", "BUG: KASAN: invalid-free in ", "KASAN: invalid-free in {f}") { Walk = Walks.NamedThenCall, Skip = Freeing,
            Merge = "invalid-free" },
        new("kasan", "BUG: KASAN: {w} on address", "KASAN: {1} {2}") { Detail = Details.Access },
        new("kasan", "BUG: KASAN: {t}", "KASAN: {1}") { Torn = true },
        new("kmsan", "BUG: KMSAN: kernel-usb-infoleak in ", "KMSAN: kernel-usb-infoleak in {f}") { Walk = Walks.UseThenOrigin, Skip = Usb,
            NoTrace = true },
        new("kmsan", "BUG: KMSAN: {w} in ", "KMSAN: {1} in {f}") { Walk = Walks.UseThenOrigin, Skip = Carriers, NoTrace = true,
            Merge = "bad-access" },
        new("kcsan", "BUG: KCSAN: {t}", "KCSAN: {1}") { NoTrace = true },
        new("kfence", "BUG: KFENCE: use-after-free {w} in ", "KFENCE: use-after-free {1} in {f}") { Walk = Walks.NamedThenTrace,
            NoTrace = true, Merge = "bad-access" },
        new("kfence", "BUG: KFENCE: out-of-bounds {w} in ", "KFENCE: out-of-bounds {1} in {f}") { Walk = Walks.NamedThenTrace,
            NoTrace = true, Merge = "bad-access" },
        new("kfence", "BUG: KFENCE: invalid free in ", "KFENCE: invalid free in {f}") { Walk = Walks.NamedThenTrace, NoTrace = true,
            Merge = "invalid-free" },
        new("kfence", "BUG: KFENCE: invalid {w} in ", "KFENCE: invalid {1} in {f}") { Walk = Walks.NamedThenTrace, NoTrace = true,
            Merge = "bad-access" },
        new("kfence", "BUG: KFENCE: memory corruption in ", "KFENCE: memory corruption in {f}") { Walk = Walks.NamedThenTrace,
            NoTrace = true },
    ];

    public static readonly Recipe[] Ubsan =
    [
        new("ubsan", "UBSAN: Undefined behaviour in", "UBSAN: undefined-behaviour in {f}") { Walk = Walks.Trace, Skip = Checks },
        new("ubsan", "UBSAN: array-index-out-of-bounds in", "UBSAN: array-index-out-of-bounds in {f}") { Walk = Walks.Trace, Skip = Checks,
            Merge = "bad-access" },
        new("ubsan", "UBSAN: {w} in", "UBSAN: {1} in {f}") { Walk = Walks.Trace, Skip = Checks },
    ];
}
