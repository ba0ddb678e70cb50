using System.Text.Json;
using Kdump.Fleet.Questions;
using Kdump.Fleet.Stores;
using static Kdump.Tests.Fleet.CrashLines;

namespace Kdump.Tests.Fleet;

/// <summary>What a program prints of a kernel in a machine's log is not that machine's crash; a single line of its kernel is.</summary>
public sealed class QuotedCrashTests : IDisposable
{
    private const string Agent = "log-1";

    private readonly MadeUpFleet fleet = new();

    public QuotedCrashTests() => Directory.CreateDirectory(fleet.Logs);

    public static TheoryData<string> Quotations() => new(Written.Split('\n').Where(l => l.Length > 0).Select(l => l.Split(' ')[0]));

    /// <summary>The crash is known by its registers: it counts, and where its machine's own log is there, with that.</summary>
    [Theory]
    [MemberData(nameof(Quotations))]
    public void A_report_that_a_program_quotes_is_not_of_the_machine_on_which_it_runs(string form)
    {
        Quote(form, [.. Head, .. X86]);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.StartsWith("?", Assert.Single(FleetCrash.All(store)).Machine, StringComparison.Ordinal);
        File.WriteAllLines(Path.Combine(fleet.Logs, "web-1.log"), Head.Concat(X86).Select(l => Of(l, "web-1")));
        fleet.Scan(store);
        Assert.Equal("web-1", Assert.Single(FleetCrash.All(store)).Machine);
        Assert.Equal(1, store.Count($"SELECT COUNT(*) FROM machines WHERE machine = '{Agent}'"));
    }

    /// <summary>Nothing tells which crash that was, or whether there was one.</summary>
    [Theory]
    [MemberData(nameof(Quotations))]
    public void A_quoted_panic_without_any_mark_is_no_crash(string form)
    {
        Quote(form, ["usb 1-1: new high-speed USB device number 2 using xhci_hcd", "Kernel panic - not syncing: Fatal exception"]);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Empty(FleetCrash.All(store));
    }

    /// <summary>Beside the quotation the machine's own kernel speaks, and crashes.</summary>
    [Fact]
    public void A_machines_own_crash_beside_a_quoted_one_is_its_own()
    {
        string[] own = [.. X86.Select(l => l.Replace("9f1f", "9e2e", StringComparison.Ordinal).Replace("ffffb5c3", "ffffa1d4",
            StringComparison.Ordinal).Replace("[  100.", "[ 4000.", StringComparison.Ordinal).Replace("i40e_clean", "ice_clean",
                StringComparison.Ordinal))];
        File.WriteAllLines(Path.Combine(fleet.Logs, "a.json"), [.. Head.Select(l => Kernel(l)),
            .. X86.Select(l => Written.Split('\n').First(w => w.StartsWith("journal-stdout ", StringComparison.Ordinal)) is var form
                ? Carried(form[(form.IndexOf(' ', StringComparison.Ordinal) + 1)..], l) : ""), .. own.Select(l => Kernel(l))]);
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        FleetCrash[] all = [.. FleetCrash.All(store)];
        Assert.Equal("ice_clean_rx_irq", Assert.Single(all, c => c.Machine == Agent).Title.Split(' ')[^1]);
        Assert.Single(all, c => c.Machine != Agent);
    }

    /// <summary>One line is enough where a kernel wrote it.</summary>
    [Theory]
    [InlineData("Nov  1 02:11:35 web-1 kernel: @")]
    [InlineData("<0>Nov  1 02:11:35 web-1 kernel: @")]
    [InlineData("2026-11-01T02:11:35.123456+00:00 web-1 kernel: [  100.000001] @")]
    [InlineData("<2>1 2026-11-01T02:11:35.123456+00:00 web-1 kernel - - - @")]
    [InlineData("""{"_HOSTNAME":"web-1","_TRANSPORT":"kernel","SYSLOG_IDENTIFIER":"kernel","MESSAGE":"@"}""")]
    public void A_single_line_of_a_kernel_is_of_its_host(string form)
    {
        File.WriteAllText(Path.Combine(fleet.Logs, "a.log"), form.Replace("@", "Kernel panic - not syncing: Fatal exception",
            StringComparison.Ordinal) + "\n");
        File.WriteAllText(Path.Combine(fleet.Logs, "central.log"),
            "Nov  1 02:11:35 web-1 kernel: Kernel panic - not syncing: Fatal exception\n" +
            "Nov  1 02:11:36 web-2 kernel: Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n" +
            "Nov  1 02:11:37 web-3 sshd[12]: Accepted publickey\n");
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        Assert.Equal(["web-1", "web-2"], FleetCrash.All(store).Select(c => c.Machine).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>journald writes a message with bytes that are no text as numbers, and has two more forms for streams.</summary>
    [Theory]
    [InlineData("seq")]
    [InlineData("sse")]
    [InlineData("bytes")]
    public void Other_forms_of_the_journals_JSON_have_host_and_time(string form)
    {
        string[] lines = [.. Head.Concat(X86).Select((l, i) => Kernel(l, "web-1", bytes: form == "bytes" && i % 3 == 0))];
        File.WriteAllText(Path.Combine(fleet.Logs, "a.json"), string.Concat(lines.Select(l => form switch
        {
            "seq" => $"\u001e{l}\n",
            "sse" => $"data: {l}\n\n",
            _ => l + "\n",
        })));
        using FleetStore store = fleet.Open();
        fleet.Scan(store);
        FleetCrash crash = Assert.Single(FleetCrash.All(store));
        Assert.Equal(("web-1", 1793499095L, "log"), (crash.Machine, crash.Time!.Value, crash.TimeFrom));
        Assert.Contains("i40e_clean_rx_irq", crash.Title, StringComparison.Ordinal);
    }

    public void Dispose() => fleet.Dispose();

    /// <summary>H: the machine, M: the message without the kernel's stamp, S: with it.</summary>
    private const string Written = """
        journal-stdout {"__REALTIME_TIMESTAMP":"1793499095000000","_HOSTNAME":"@H","_TRANSPORT":"stdout","_SYSTEMD_UNIT":"a.service","MESSAGE":"@S"}
        journal-unit {"_HOSTNAME":"@H","MESSAGE":"@S","__REALTIME_TIMESTAMP":"1793499095000000","_SYSTEMD_UNIT":"agent.service"}
        journal-exe {"_HOSTNAME":"@H","MESSAGE":"@S","__REALTIME_TIMESTAMP":"1793499095000000","_EXE":"/usr/bin/agent","_PID":"12"}
        syslog Nov  1 02:11:35 @H agent[123]: @S
        syslog-iso 2026-11-01T02:11:35.000000+00:00 @H agent[123]: @S
        rfc5424 <14>1 2026-11-01T02:11:35.000000+00:00 @H agent 123 - - @S
        fluentd {"host":"@H","ident":"agent","message":"@S","time":"2026-11-01T02:11:35Z"}
        ecs {"@timestamp":"2026-11-01T02:11:35Z","host":{"name":"@H"},"process":{"name":"agent"},"message":"@S"}
        export __CURSOR=s=1@N__REALTIME_TIMESTAMP=1793499095000000@N_TRANSPORT=stdout@N_COMM=agent@NMESSAGE=@S@N_HOSTNAME=@H@N
        """;

    private void Quote(string form, string[] lines)
    {
        string written = Written.Split('\n').Single(l => l.StartsWith(form + " ", StringComparison.Ordinal));
        File.WriteAllLines(Path.Combine(fleet.Logs, "agent.log"), lines.Select(l => Carried(written[(form.Length + 1)..], l)));
    }

    private static string Carried(string form, string line) => form.Replace("@H", Agent, StringComparison.Ordinal)
        .Replace("@N", "\n", StringComparison.Ordinal)
        .Replace("@S", form[0] == '{' ? JsonEncodedText.Encode(line).ToString() : line, StringComparison.Ordinal);

    private static string Kernel(string line, string host = Agent, bool bytes = false)
    {
        string text = line[(line.IndexOf(']', StringComparison.Ordinal) + 2)..],
            us = line[1..13].Trim().Replace(".", "", StringComparison.Ordinal);
        string message = bytes ? $"[{string.Join(',', System.Text.Encoding.UTF8.GetBytes(text))}]" : $"\"{JsonEncodedText.Encode(text)}\"";
        return $"{{\"_HOSTNAME\":\"{host}\",\"_TRANSPORT\":\"kernel\",\"SYSLOG_IDENTIFIER\":\"kernel\"," +
            $"\"_SOURCE_MONOTONIC_TIMESTAMP\":\"{us}\"," +
            $"\"MESSAGE\":{message},\"__REALTIME_TIMESTAMP\":\"1793499095000000\"}}";
    }
}
