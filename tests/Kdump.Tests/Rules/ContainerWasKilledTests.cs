using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

/// <summary>How docker and kubectl show that a container was killed.</summary>
public sealed class ContainerWasKilledTests
{
    [Theory]
    [InlineData("Name:  api-1\n    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137\n", "api-1")]
    [InlineData("\"terminated\": {\n  \"exitCode\": 137,\n  \"reason\": \"OOMKilled\",\n}\n", "a container")]
    [InlineData("\"State\": {\n  \"OOMKilled\": true,\n  \"ExitCode\": 137,\n}\n", "a container")]
    [InlineData("NAME      READY   STATUS      RESTARTS   AGE\napi-1     0/1     OOMKilled   4 (12s ago)   2m\n", "api-1")]
    public void A_container_that_was_killed_for_lack_of_memory_is_told(string text, string name)
    {
        Finding finding = Assert.Single(Explained.Findings("container-killed", text));
        Assert.StartsWith($"{name} was killed for lack of memory", finding.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a1b2c3d4e5f6   my-app:latest   \"node server.js\"   5 minutes ago   Exited (137) 3 minutes ago   app\n", "signal 9")]
    [InlineData("    Last State:  Terminated\n      Reason:    Error\n      Exit Code: 139\n", "signal 11")]
    public void A_status_above_128_is_a_signal_and_no_proof_of_lack_of_memory(string text, string signal)
    {
        Finding finding = Assert.Single(Explained.Findings("container-killed", text));
        Assert.Contains(signal, finding.Title, StringComparison.Ordinal);
        Assert.DoesNotContain("memory", finding.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("    State:          Running\n    Ready:          True\n    Restart Count:  0\n")]
    [InlineData("    Last State:     Terminated\n      Reason:       Completed\n      Exit Code:    0\n")]
    [InlineData("a1b2c3d4e5f6   my-app:latest   \"sh\"   5 minutes ago   Exited (0) 3 minutes ago   app\n")]
    public void A_container_that_ended_well_is_not(string text) => Assert.Empty(Explained.Findings("container-killed", text));
}
