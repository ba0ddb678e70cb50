using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Diagnosis.Speakers;
using Kdump.Sources.Cases;

namespace Kdump.Tests.Rules;

public sealed class TroubleNotKnownTests
{
    private const string Trouble = "[  812.000001] mvneta d0070000.frob eth0: queue 3 is stuck, giving up\n";

    [Fact]
    public void Lines_that_no_rule_knows_become_an_unknown_that_quotes_them()
    {
        Verdict verdict = Explained.Verdict(Explained.FirstBoot + Trouble);
        Unknown unknown = Assert.Single(verdict.Unknowns, u => u.Evidence.Count > 0);
        Assert.Contains("mvneta", unknown.Question, StringComparison.Ordinal);
        Assert.Contains("ethtool -S", unknown.Settle, StringComparison.Ordinal);
        Assert.Equal(Trouble.TrimEnd(), Assert.Single(unknown.Evidence).Text);
        Assert.True(verdict.Bad);
        Assert.DoesNotContain("othing wrong", verdict.Headline, StringComparison.Ordinal);
    }

    /// <summary>What another rule took from the rest is not asked about once more.</summary>
    [Fact]
    public void A_line_that_the_rule_of_mounts_explains_is_not_unknown()
    {
        Verdict verdict = Explained.Verdict("# /bin/mount -o vers=3 10.6.13.10:/kdumpdir /root/bai\n" +
            "mount.nfs: requested NFS version or transport protocol is not supported\n");
        Assert.Contains(verdict.Findings, f => f.Id == "mount-failed");
        Assert.Empty(verdict.Unknowns);
    }

    /// <summary>Names in a table and what is no failure of the machine: see HarmlessMessages.</summary>
    [Theory]
    [InlineData(" 134:          0          3          0          0  IR-PCI-MSIX-0000:00:14.3    5-edge      iwlwifi:exception")]
    [InlineData(" MCE:          0          0          0          0   Machine check exceptions")]
    [InlineData(" ERR:          0")]
    [InlineData("\tDescriptor 9: PCI parity error")]
    [InlineData("[    0.052598] NMI watchdog: Shutting down hard lockup detector on all cpus")]
    [InlineData("[    2.286949] EXT4-fs (dm-0): couldn't mount as ext3 due to feature incompatibilities")]
    [InlineData("[86124.274593] init: ui_stop_waiter main process (24007) killed by TERM signal")]
    [InlineData("Feb  9 12:29:35 hpPav systemd-resolved[860]: Using degraded feature set (UDP) for DNS server 192.168.178.1.")]
    [InlineData("Jan 14 13:00:16 host kernel: [    0.016000] NMI watchdog: Perf event create on CPU 0 failed with -2")]
    [InlineData("Jan 16 10:36:55 host gvfsd-metadata[5762]: g_udev_device_has_property: assertion 'G_UDEV_IS_DEVICE (device)' failed")]
    [InlineData("Nov 18 08:34:04 host systemd-udevd[577]: Could not set WakeOnLan of ens5 to off: Operation not supported")]
    [InlineData("Nov 30 22:29:41 host systemd[1]: user@1000.service: Killing process 9597 (kill) with signal SIGKILL.")]
    [InlineData("Feb  9 12:29:35 hpPav gnome-shell[2819]: Errors from xkbcomp are not fatal to the X server")]
    [InlineData("2026-05-18T18:43:15.248800Z WARNING trunksd[1150]: Received command CC 0x17a while suspended.")]
    public void A_row_of_a_table_or_a_daily_line_is_no_trouble(string line) =>
        Assert.DoesNotContain(Explained.Verdict(Explained.FirstBoot + line + "\n").Unknowns, u => u.Evidence.Count > 0);

    [Fact]
    public void A_comment_in_a_long_report_is_no_trouble()
    {
        const string Comment = "# Accelerometer device, posts data through ABS_X/ABS_Y, making X unusable\n";
        string log = Explained.FirstBoot + string.Concat(Enumerable.Range(0, 200).Select(i => $"[  {200 + i}.000000] frob: {i} ready\n"));
        Assert.DoesNotContain(Explained.Verdict(log + Comment).Unknowns, u => u.Evidence.Count > 0);
    }

    /// <summary>One finding tells it, and no boot's lines are asked about once more.</summary>
    [Theory]
    [InlineData("Under-voltage detected! (0x00050005)")]
    [InlineData("snd_frob: Volume group \"vg0\" not found")]
    public void What_broke_in_three_boots_is_told_once(string line)
    {
        string boot = Explained.FirstBoot + $"[   16.448134] {line}\n[  541.434962] {line}\n";
        Verdict verdict = Explained.Verdict(boot + boot + boot);
        Assert.NotEmpty(verdict.Findings);
        Assert.DoesNotContain(verdict.Unknowns, u => u.Evidence.Count > 0);
    }

    [Theory]
    [InlineData("[  812.000001] mce: CPU0: Machine check exception: 0 reported, memory corruption")]
    [InlineData("[  812.000001] MCE: CPU 4 was lost: hardware exception, giving up")]
    public void A_message_with_a_name_and_a_number_is_no_row_of_a_table(string line) =>
        Assert.True(Explained.Verdict(Explained.FirstBoot + line + "\n").Bad);

    /// <summary>Words that are too little beside a whole boot are all that a person pasted.</summary>
    [Theory]
    [InlineData("hid-frob 0003:046D:C52B.0003: failed to fetch report")]
    [InlineData("mwifiex_frob 0000:01:00.0: command could not be sent")]
    [InlineData("snd_frob 0000:00:1f.3: error: the codec could not be reached")]
    public void What_a_short_piece_says_again_and_again_is_told(string line)
    {
        string piece = string.Concat(Enumerable.Range(0, 4).Select(i => $"[  10{i}.000000] {line}\n"));
        Assert.Single(Explained.Verdict(piece).Unknowns, u => u.Evidence.Count > 0);
        string boot = Explained.FirstBoot + piece + string.Concat(Enumerable.Range(0, 200).Select(i =>
            $"[  {200 + i}.000000] frob: {i} ready\n"));
        Assert.DoesNotContain(Explained.Verdict(boot).Unknowns, u => u.Evidence.Count > 0);
    }

    /// <summary>What a program goes on without is no trouble of a whole boot; an end of the same words is.</summary>
    [Theory]
    [InlineData("systemd[1]: Failed to bump fs.file-max, ignoring: Invalid argument", false)]
    [InlineData("systemd-udevd[312]: Failed to apply ACL on /dev/frob0, ignoring: No such file or directory", false)]
    [InlineData("systemd[1]: Failed to bump fs.file-max: Invalid argument", true)]
    [InlineData("psci: CPU1 killed (polled 0 ms)", false)]
    [InlineData("smartd[812]: Device: /dev/sda [SAT], is SMART capable. Adding to \"monitor\" list.", false)]
    [InlineData("smartd[812]: Device: /dev/sda [SAT], SMART Prefailure Attribute: 1 Raw_Read_Error_Rate changed from 100 to 99", false)]
    [InlineData("dockerd[9]: {\"Dead\": false, \"Error\": \"\", \"fatal\": null}", false)]
    [InlineData("systemd[1]: Started Reminder for degraded MD arrays.", false)]
    [InlineData("systemd[1]: Starting Restore /etc/resolv.conf if the system crashed before the ppp link was shut down...", false)]
    [InlineData("systemd[1]: First Boot Wizard was skipped because of a failed condition check (ConditionFirstBoot=yes).", false)]
    [InlineData("systemd[1]: Stopped Frob that failed at boot.", false)]
    [InlineData("systemd[1]: Starting Self Monitoring and Reporting Technology (SMART) Daemon...", false)]
    public void What_a_program_says_it_ignores_is_no_trouble(string line, bool trouble)
    {
        string boot = Explained.FirstBoot + $"[    3.658251] {line}\n" + string.Concat(Enumerable.Range(0, 200).Select(i =>
            $"[  {200 + i}.000000] frob: {i} ready\n"));
        Assert.Equal(trouble, Explained.Verdict(boot).Bad);
    }

    [Theory]
    [InlineData("FAILED SMART self-check. BACK UP DATA NOW!", true)]
    [InlineData("8 Currently unreadable (pending) sectors", true)]
    [InlineData("ATA error count increased from 0 to 5", true)]
    [InlineData("Self-Test Log error count increased from 0 to 1", true)]
    [InlineData("SMART Usage Attribute: 194 Temperature_Celsius changed from 70 to 69", false)]
    [InlineData("is SMART capable. Adding to \"monitor\" list.", false)]
    public void Of_what_smartd_says_the_bad_is_told(string said, bool trouble)
    {
        Verdict verdict = Explained.Verdict(string.Concat(Enumerable.Range(0, 200).Select(i =>
            $"Oct  5 10:{i / 60:00}:{i % 60:00} host kernel: frob: {i} ready\n")) +
            $"Oct  5 10:30:00 host smartd[812]: Device: /dev/sda [SAT], {said}\n");
        Assert.Equal(trouble, verdict.Findings.Count + verdict.Unknowns.Count(u => u.Evidence.Count > 0) > 0);
    }

    [Theory]
    [InlineData("ubi0: frobbing is stuck\nubi0: data of PEB 4 is corrupt\n", true)]
    [InlineData("enp9s0: Detected Frob Hung\n[...]\nenp9s0: Reset adapter\n", true)]
    [InlineData("The disk hangs when the cable is wrong.\nThen usb: the device is dead, says the manual.\nDo not panic.\nThe rest is " +
        "prose.\n" +
        "It goes on.\nAnd on.\n", false)]
    [InlineData("#!/bin/sh\nset -e\nmount /dev/sda1 /mnt || { echo 'fatal: cannot mount'; exit 1; }\n", false)]
    public void Lines_without_a_stamp_are_a_log_when_drivers_speak_in_them(string text, bool log)
    {
        Case read = Case.Read(["-"], () => new MemoryStream(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(log, read.Inputs.Any(i => i.Used));
    }

    [Fact]
    public void Nothing_wrong_is_said_with_what_was_looked_at()
    {
        Assert.Equal("Nothing wrong was found in 2 lines of kernel log (1 boot)", Explained.Verdict(Explained.FirstBoot).Headline);
    }

    [Fact]
    public void At_most_five_lines_are_quoted_of_at_most_three_speakers()
    {
        string[] drivers = ["igb", "ixgbe", "mpt3sas", "hpsa", "aacraid", "qla2xxx"];
        string log = Explained.FirstBoot + string.Concat(drivers.SelectMany((d, i) => Enumerable.Range(0, 9)
            .Select(n => $"[  {100 + i}.00000{n}] {d} 0000:0{i}:00.0: frob {n} {(n % 2 == 0 ? "hangs" : "is corrupt and lost")}\n")));
        Unknown[] unknowns = [.. Explained.Verdict(log).Unknowns.Where(u => u.Evidence.Count > 0)];
        Assert.Equal(3, unknowns.Length);
        Assert.InRange(unknowns.Sum(u => u.Evidence.Count), 3, 5);
        Assert.Contains("3 more speakers report problems", unknowns[^1].Question, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_a_finding_names_is_not_told_a_second_time()
    {
        string log = Explained.FirstBoot +
            "[   20.000000] nvme nvme1: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0xffff\n" +
            "[   20.500000] nvme nvme1: frob of the controller failed\n";
        Verdict verdict = Explained.Verdict(log);
        Assert.NotEmpty(verdict.Findings);
        Assert.DoesNotContain(verdict.Unknowns, u => u.Evidence.Count > 0);
    }

    [Theory]
    [InlineData("R10: ffff8c04bf173200 R11: dead000000000100 R12: 0000000000000000")]
    [InlineData("R13: dead000000000122 R14: dead000000000100 R15: ffff8c04bf171f00")]
    [InlineData("x29: ffff800011b3bc80 x28: dead000000000100")]
    [InlineData("r10: c5cf5dc0  r9 : dead4ead  r8 : c024801c")]
    [InlineData("frob: list at dead000000000122, owner deadbeef")]
    public void A_number_that_begins_like_a_word_is_no_trouble(string message)
    {
        Verdict verdict = Explained.Verdict(Explained.FirstBoot + $"[   20.000000] {message}\n");
        Assert.DoesNotContain(verdict.Unknowns, u => u.Evidence.Count > 0);
    }

    [Theory]
    [InlineData("frob frob0: the controller is dead")]
    [InlineData("frob frob0: marked dead: ffff8c04bf173200")]
    [InlineData("o2quo: ocfs2 is very sorry to be fencing this system by restarting")]
    public void A_word_of_an_end_is_trouble(string message)
    {
        Verdict verdict = Explained.Verdict(Explained.FirstBoot + $"[   20.000000] {message}\n");
        Assert.Contains(verdict.Unknowns, u => u.Evidence.Any(e => e.Text.Contains(message, StringComparison.Ordinal)));
        Assert.DoesNotContain("othing wrong", verdict.Headline, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ACPI Error: [_SB_.PC00.XXXX] Namespace lookup failure, AE_NOT_FOUND (20210730/dswload2-162)")]
    [InlineData("platform regulatory.0: Direct firmware load for regulatory.db failed with error -2")]
    [InlineData("EXT4-fs (sda1): re-mounted. Opts: errors=remount-ro")]
    [InlineData("random: 7 urandom warning(s) missed due to ratelimiting")]
    [InlineData("perf: interrupt took too long (2503 > 2500), lowering kernel.perf_event_max_sample_rate to 79750")]
    [InlineData("igb 0000:02:00.0 eth0: 0 errors, 0 failed")]
    [InlineData("scsi host2: completed without error")]
    public void What_means_nothing_is_no_trouble(string message)
    {
        Assert.DoesNotContain(Explained.Verdict($"{Explained.FirstBoot}[    5.000000] {message}\n").Unknowns, u => u.Evidence.Count > 0);
    }

    [Fact]
    public void A_driver_that_asked_once_for_what_is_not_there_is_passed_over_in_a_whole_boot_only()
    {
        const string Asked = "[    2.000000] frobnicator: could not find its knob\n";
        string work = string.Concat(Enumerable.Range(0, 300).Select(i => $"[    3.{i:D6}] usb 1-1: New USB device found\n"));
        Assert.Contains(Explained.Verdict(Explained.FirstBoot + Asked).Unknowns, u => u.Evidence.Count > 0);
        Assert.DoesNotContain(Explained.Verdict(Explained.FirstBoot + Asked + work).Unknowns, u => u.Evidence.Count > 0);
    }

    [Theory]
    [MemberData(nameof(Healthy))]
    public void A_healthy_boot_tells_of_no_trouble(string name)
    {
        Verdict verdict = Explained.Verdict(File.ReadAllText(Repository.Path("fixtures", "healthy", name)));
        Assert.DoesNotContain(verdict.Unknowns, u => u.Evidence.Count > 0);
    }

    public static TheoryData<string> Healthy =>
        [.. Directory.GetFiles(Repository.Path("fixtures", "healthy"), "*.log").Select(f => Path.GetFileName(f)!)];

    [Fact]
    public void Harmless_messages_each_say_why_and_where_that_is_known_from()
    {
        foreach (HarmlessMessage message in Harmless.All)
        {
            Assert.EndsWith(".", message.Why, StringComparison.Ordinal);
            Assert.NotEmpty(message.Origin);
            Assert.NotEmpty(message.Wordings);
        }
    }

    [Theory]
    [InlineData("something odd failed at step 3\n")]
    [InlineData("wibble: unable to frob the knob: Connection refused\n\nthen it stopped\n")]
    public void A_line_that_somebody_pasted_alone_is_quoted(string text)
    {
        Verdict verdict = Explained.Verdict(text);
        Unknown unknown = Assert.Single(verdict.Unknowns);
        Assert.Contains(unknown.Evidence, e => text.Contains(e.Text.Trim(), StringComparison.Ordinal));
        Assert.Empty(verdict.Findings);
    }

    [Theory]
    [InlineData("# what to do when it failed\nretries = 3\n")]
    [InlineData("test -f x || echo failed\n")]
    [InlineData("how can it fail?\n")]
    [InlineData("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine failed us\n")]
    public void Settings_scripts_questions_and_longer_texts_are_no_lines_of_a_log(string text) =>
        Assert.Empty(Explained.Verdict(text).Unknowns);

    /// <summary>A program says all the time that something is missing; in a line that a person took out it is what was asked.</summary>
    [Theory]
    [InlineData("[   12.413467] systemd[1]: /etc/frob.conf is missing, not going on.\n")]
    [InlineData("dracut-initqueue[287]: Warning: the frob was not as expected.\n")]
    public void A_few_lines_of_a_program_are_never_an_all_clear(string line)
    {
        Verdict verdict = Explained.Verdict(line);
        Assert.Single(verdict.Unknowns, u => u.Evidence.Count > 0);
        Assert.True(verdict.Bad);
        string boot = Explained.FirstBoot + line + string.Concat(Enumerable.Range(0, 200).Select(i =>
            $"[  {200 + i}.000000] frob: {i} ready\n"));
        Assert.DoesNotContain(Explained.Verdict(boot).Unknowns, u => u.Evidence.Count > 0);
    }

    [Fact]
    public void A_harmless_message_of_a_listing_is_no_trouble() =>
        Assert.False(Explained.Verdict("Generating grub configuration file ...\n" +
        "device-mapper: reload ioctl on osprober-linux-sdc1  failed: Device or resource busy\ndone\n").Bad);

    /// <summary>Words that a healthy machine's log also has; where somebody pasted little else, they are what is meant.</summary>
    [Theory]
    [InlineData("foo 0000:04:00.0: resetting the frob\n", 5)]
    [InlineData("frobnic 0000:04:00.0: invalid level of the knob\n", 3)]
    [InlineData("wibble wibble0: lost the beat\n", 40)]
    public void A_piece_that_is_made_of_one_devices_lines_is_never_an_all_clear(string line, int times)
    {
        string said = string.Concat(Enumerable.Range(0, times).Select(i => $"[ {500 + i}.000000] {line}"));
        Verdict verdict = Explained.Verdict(said);
        Assert.Single(verdict.Unknowns, u => u.Evidence.Count > 0);
        Assert.Empty(verdict.Findings);
        Assert.True(verdict.Bad);
    }

    [Theory]
    [InlineData("foo 0000:04:00.0: resetting the frob\n", 3)]
    [InlineData("wibble wibble0: invalid level of the knob\n", 40)]
    public void In_a_boot_or_a_long_log_such_lines_mean_nothing(string line, int times)
    {
        string said = string.Concat(Enumerable.Range(0, times).Select(i => $"[ {500 + i}.000000] {line}"));
        string others = string.Concat(Enumerable.Range(0, 200).Select(i => $"[  {200 + i}.000000] frob: {i} ready\n"));
        Assert.False(Explained.Verdict(Explained.FirstBoot + others + said).Bad);
        Assert.DoesNotContain(Explained.Verdict(others + said).Unknowns, u => u.Evidence.Count > 0);
    }

    [Theory]
    [InlineData("Oops[#1]:")]
    [InlineData("Oops - undefined instruction: 0 [#1] SMP ARM")]
    [InlineData("Oops [#1]")]
    public void The_word_before_a_number_is_no_program(string line) => Assert.DoesNotContain(
        Explained.Verdict($"[  100.000000] {line}\n[  100.000001] CPU: 0 PID: 1 Comm: cook Not tainted 6.1.0 #1\n").Unknowns,
        u => u.Question.Contains("(program)", StringComparison.Ordinal));

    [Theory]
    [InlineData("RIP: 0010:stir_pot+0x1e6/0x200\n[  599.000001] Code: e9 11 ff ff ff 89 55 34 4c 89 ef\n", "stir_pot")]
    [InlineData("EIP is at stir_pot+0x1e6/0x200\n", "stir_pot")]
    [InlineData("pc : stir_pot+0x1e6/0x200 [kitchen]\n", "stir_pot() of kitchen")]
    [InlineData("epc : stir_pot+0x1e6/0x200\n", "stir_pot")]
    public void The_place_of_a_report_whose_head_is_lost_is_no_all_clear(string lines, string place)
    {
        Verdict verdict = Explained.Verdict($"Guest message:\n[  599.000000] {lines}");
        Assert.True(verdict.Bad);
        Assert.Contains(place, $"{string.Join(' ', verdict.Unknowns.Select(u => u.Question))} " +
            string.Join(' ', verdict.Findings.Select(f => $"{f.Title} {f.Why}")), StringComparison.Ordinal);
    }
}
