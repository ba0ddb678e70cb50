using Kdump.Sources.Images;

namespace Kdump.Tests.Image;

/// <summary>modules.dep.bin, as depmod of kmod 30 writes it for five modules.</summary>
public sealed class KmodIndexTests
{
    private static readonly byte[] Written = Convert.FromBase64String(
        "sAf0VwACAAEgAAGSb29wAAAAAAEAAAAAa2VybmVsL2RyaXZlcnMvYmxvY2svbG9vcC5rbzoAdWxsX2JsawAAAAABAAAABGtlcm5l" +
        "bC9kcml2ZXJzL2Jsb2NrL251bGxfYmxrL251bGxfYmxrLmtvOgBsawAAAAABAAAAAWtlcm5lbC9kcml2ZXJzL2Jsb2NrL3ZpcnRp" +
        "b19ibGsua286IGtlcm5lbC9kcml2ZXJzL3ZpcnRpby92aXJ0aW9fcmluZy5rbyBrZXJuZWwvZHJpdmVycy92aXJ0aW8vdmlydGlv" +
        "LmtvAGluZwAAAAABAAAAAmtlcm5lbC9kcml2ZXJzL3ZpcnRpby92aXJ0aW9fcmluZy5rbzoAYnLAAABxAAAAAAAAAAAAAAAAAAAA" +
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwAAA5WlydGlvAF9fIAABFwAAAAEAAAADa2VybmVs" +
        "L2RyaXZlcnMvdmlydGlvL3ZpcnRpby5rbzoAbHbAAAAMAAAAAMAAADYAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4AABXQ==");

    [Fact]
    public void Its_values_are_the_lines_of_the_text_form() => Assert.Equal(
        [
            "kernel/drivers/block/loop.ko:", "kernel/drivers/block/null_blk/null_blk.ko:",
            "kernel/drivers/block/virtio_blk.ko: kernel/drivers/virtio/virtio_ring.ko kernel/drivers/virtio/virtio.ko",
            "kernel/drivers/virtio/virtio.ko:", "kernel/drivers/virtio/virtio_ring.ko:",
        ],
        KmodIndex.Read(Written)!.Order(StringComparer.Ordinal));

    [Fact]
    public void An_index_that_is_cut_anywhere_is_none()
    {
        for (int length = 0; length < Written.Length; length++)
            Assert.Null(KmodIndex.Read(Written.AsSpan(0, length)));
    }

    [Fact]
    public void A_changed_byte_never_throws_and_never_runs_long()
    {
        for (int at = 0; at < Written.Length; at++)
        {
            foreach (byte value in (byte[])[0, 1, 0x7f, 0x80, 0xff])
            {
                byte[] changed = [.. Written];
                changed[at] = value;
                Assert.True(KmodIndex.Read(changed) is not { Count: > 1000 });
            }
        }
    }

    [Fact]
    public void A_node_that_is_its_own_child_ends()
    {
        // The root, at 12, has one child at 'a': itself.
        byte[] circle = [0xB0, 0x07, 0xF4, 0x57, 0, 2, 0, 1, 0x20, 0, 0, 12, (byte)'a', (byte)'a', 0x20, 0, 0, 12];
        Assert.Null(KmodIndex.Read(circle));
    }

    [Fact]
    public void Another_version_is_none()
    {
        byte[] newer = [.. Written];
        newer[5] = 3;
        Assert.Null(KmodIndex.Read(newer));
    }
}
