using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>What a device's trouble came to: it works again, it is the end of another one's, or it foretells one.</summary>
public sealed class HealedDevicesTests
{
    private const string TimeOut = "[ 8321.101010] nvme nvme0: I/O 960 QID 10 timeout, reset controller\n";

    [Theory]
    [InlineData("nvme nvme0: 15/0/0 default/read/poll queues", true)]
    [InlineData("nvme nvme1: 15/0/0 default/read/poll queues", false)]
    public void A_reset_that_succeeds_is_told_of_its_own_controller_only(string line, bool healed)
    {
        Finding f = Assert.Single(Explained.Findings("nvme-command-timeout", TimeOut + $"[ 8321.501010] {line}\n"));
        Assert.Equal(healed, f.Title.Contains("it works again since", StringComparison.Ordinal));
    }

    [Fact]
    public void A_time_out_behind_the_reset_is_not_healed_by_it() =>
        Assert.DoesNotContain("works again", Assert.Single(Explained.Findings("nvme-command-timeout",
            "[ 10.1] nvme nvme0: 15/0/0 default/read/poll queues\n" + TimeOut)).Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("I/O 0 QID 0 timeout, reset controller", true)]
    [InlineData("I/O tag 16 (1010) opcode 0x9 (Admin Cmd) QID 0 timeout, disable controller", true)]
    [InlineData("I/O 0 QID 10 timeout, reset controller", false)]
    public void An_admin_queue_that_does_not_answer_is_more_than_one_command(string words, bool dead)
    {
        Verdict verdict = Explained.Verdict(TimeOut + $"[ 8350.101010] nvme nvme0: {words}\n");
        Assert.Equal(dead, verdict.Findings.Any(f => f.Id == "nvme-controller-failed" &&
            f.Title.Contains("admin queue (QID 0)", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_GPU_whose_last_reset_succeeded_works_again_and_one_whose_last_failed_does_not()
    {
        const string Hung = "[ 100.0] amdgpu 0000:03:00.0: [drm] *ERROR* ring gfx_0.0.0 timeout, signaled seq=812313, emitted seq=812315\n",
            Well = "[ 101.0] amdgpu 0000:03:00.0: amdgpu: GPU reset(1) succeeded!\n",
            Ill = "[ 183.0] amdgpu 0000:03:00.0: amdgpu: GPU reset end with ret = -22\n";
        Assert.Contains("works again", Explained.Verdict(Hung + Well).Findings[0].Title, StringComparison.Ordinal);
        Assert.DoesNotContain("works again", Explained.Verdict(Hung + Well + Ill).Findings[0].Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xhci_hcd 0000:00:14.0: HC died; cleaning up", true)]
    [InlineData("xhci_hcd 0000:00:14.0: xHCI Host Controller", false)]
    public void USB_devices_that_go_with_their_controller_need_no_other_cable(string line, bool died)
    {
        Finding left = Explained.Verdict($"[ 721.110010] {line}\n[ 721.110110] usb 1-2: USB disconnect, device number 3\n" +
            "[ 721.2] blk_update_request: I/O error, dev sdb, sector 8\n").Findings.FirstOrDefault(f => f.Id == "usb-device-left")!;
        if (died)
        {
            Assert.Contains(left.CausedBy, c => c.Id == "usb-controller-died");
            Assert.Empty(left.Fixes);
        }
        else if (left is not null)
            Assert.NotEmpty(left.Fixes);
    }

    [Theory]
    [InlineData("(726123456s/0x0001/CRIT) - VD 01/1 is now OFFLINE", "the virtual drive 01/1 is offline")]
    [InlineData("(726123456s/0x0001/CRIT) - VD 00/0 is now DEGRADED", "the virtual drive 00/0 is now DEGRADED")]
    [InlineData("(boot + 5s/0x0020/DEAD) - Fatal firmware error: Line 160 in ../../raid/1078dma.c", "Fatal firmware error")]
    public void An_event_of_a_RAID_controller_is_told_in_its_words(string words, string says) =>
        Assert.Contains(says, Assert.Single(Explained.Findings("raid-controller-event",
            $"[ 9213.1] megaraid_sas 0000:02:00.0: 7311 {words}\n")).Title, StringComparison.Ordinal);

    [Theory]
    [InlineData("[ 1.0] sd 0:0:4:0: [sde] Add. Sense: Failure prediction threshold exceeded\n")]
    [InlineData("Nov 12 03:11:22 host kernel: sd 0:0:4:0: [sde] Add. Sense: Hardware impending failure general hard drive failure\n")]
    public void A_disk_that_foretells_its_failure_is_an_error_before_it_fails(string log)
    {
        Finding f = Assert.Single(Explained.Findings("disk-foretells-failure", log));
        Assert.Contains("sde", f.Title, StringComparison.Ordinal);
        Assert.Equal(Severity.Error, f.Severity);
    }

    [Fact]
    public void The_queues_of_the_first_start_are_no_recovery()
    {
        const string First = "[    8.025137] nvme nvme0: 8/0/0 default/read/poll queues\n",
            Frozen = "[   89.067983] nvme nvme0: frozen state error detected, reset controller\n";
        string Why(string log) => Assert.Single(Explained.Findings("nvme-controller-failed", log)).Why;
        Assert.DoesNotContain("its reset succeeded", Why(First + Frozen), StringComparison.Ordinal);
        Assert.Contains("its reset succeeded", Why(First + Frozen + First.Replace("    8.0", "   91.0")), StringComparison.Ordinal);
    }
}
