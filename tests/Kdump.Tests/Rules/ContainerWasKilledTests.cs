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
    [InlineData("a1b2c3d4e5f6   my-app:latest   \"node server.js\"   5 minutes ago   Exited (139) 3 minutes ago   app\n", "signal 11")]
    [InlineData("    Last State:  Terminated\n      Reason:    Error\n      Exit Code: 137\n", "signal 9")]
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
    [InlineData("a1b2c3d4e5f6   my-app:latest   \"sh\"   5 minutes ago   Exited (255) 3 minutes ago   app\n")]
    [InlineData("a1b2c3d4e5f6   my-app:latest   \"sh\"   5 minutes ago   Exited (2147483647) 3 minutes ago   app\n")]
    [InlineData("    Last State:     Terminated\n      Reason:       Unknown\n      Exit Code:    255\n")]
    [InlineData("\"State\": {\n  \"Running\": true,\n  \"OOMKilled\": false,\n  \"ExitCode\": 0,\n}\n\"Name\": \"/web\",\n")]
    public void A_container_that_ended_well_is_not(string text) => Assert.Empty(Explained.Findings("container-killed", text));

    [Theory]
    [InlineData("a1b2c3d4e5f6   redis   \"redis\"   2 days ago   Exited (143) 3 minutes ago   app\n", "app was stopped (SIGTERM) or ")]
    [InlineData("a1b2c3d4e5f6   redis   \"redis\"   2 days ago   Exited (130) 3 minutes ago   app\n", "app was stopped (SIGINT) or ")]
    [InlineData("a1b2c3d4e5f6   redis   \"redis\"   2 days ago   Exited (137) 3 minutes ago   app\n", "app was stopped (SIGKILL) or ")]
    [InlineData("    Last State:  Terminated\n      Reason:    Error\n      Exit Code: 143\n", "a container was stopped (SIGTERM) or ")]
    [InlineData("\"State\": {\n  \"OOMKilled\": false,\n  \"ExitCode\": 137,\n}\n\"Name\": \"/app\",\n", "app was stopped (SIGKILL) or ")]
    public void What_a_stop_leaves_behind_is_only_a_note(string text, string title)
    {
        Finding finding = Assert.Single(Explained.Findings("container-killed", text));
        Assert.StartsWith(title, finding.Title, StringComparison.Ordinal);
        Assert.Equal(Severity.Info, finding.Severity);
    }

    [Fact]
    public void A_limit_is_of_its_own_container()
    {
        Finding finding = Assert.Single(Explained.Findings("container-killed", """
            Name:             api-7d9
              api:
                Container ID:   containerd://abc
                State:          Running
                Limits:
                  memory:  128Mi
              side:
                Container ID:   containerd://abd
                Last State:     Terminated
                  Reason:       OOMKilled
                  Exit Code:    137
                Limits:
                  memory:  2Gi

            """));
        Assert.Contains("2Gi", finding.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("128Mi", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void In_dockers_list_every_container_has_its_own_state_name_and_limit()
    {
        const string One = "\"State\": {{\n \"OOMKilled\": {0},\n \"ExitCode\": 137,\n}}\n\"Name\": \"/{1}\",\n\"Memory\": {2},\n";
        List<Finding> both = Explained.Findings("container-killed",
            string.Format(null, One, "true", "one", 134217728) + string.Format(null, One, "false", "two", 0));
        Assert.Equal(["one was killed for lack of memory (OOMKilled, exit code 137)", "two was stopped (SIGKILL) or killed, exit code 137"],
            both.Select(f => f.Title).Order(StringComparer.Ordinal));
    }
}
