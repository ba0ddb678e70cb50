using Kdump.Diagnosis.Model;

namespace Kdump.Tests.Rules;

public sealed class CgroupOutOfMemoryTests
{
    private const string Invoked = "[  100.1] CPU 11/KVM invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=830\n",
        Usage = "[  100.2] memory: usage 67579904kB, limit 67579904kB, failcnt 67391\n",
        Constraint = "[  100.3] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=cri.scope,mems_allowed=0-3,oom_memcg=" +
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod77.slice,task_memcg=/x,task=qemu-system-x86,pid=70870\n",
        Killed = "[  100.4] Memory cgroup out of memory: Killed process 70870 (qemu-system-x86) total-vm:73209856kB, " +
            "anon-rss:66852088kB, file-rss:21948kB, shmem-rss:4kB\n";

    [Fact]
    public void Limit_victim_and_pod_are_told_and_that_a_virtual_machine_died()
    {
        Verdict verdict = Explained.Verdict(Invoked + Usage + Constraint + Killed);
        Finding finding = Assert.Single(verdict.Findings);
        Assert.Equal("cgroup-out-of-memory:kubepods-burstable-pod77.slice", finding.Key);
        Assert.Contains("virtual machine", finding.Title, StringComparison.Ordinal);
        Assert.Contains("64.4 GiB", finding.Title, StringComparison.Ordinal);
        Assert.Contains("66852088 KiB", finding.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void The_old_wording_that_names_no_process_is_read()
    {
        Finding finding = Assert.Single(Explained.Findings("cgroup-out-of-memory",
            "[  100.0] Task in /kubepods.slice/kubepods-pod77.slice/docker-b2.scope killed as a result of limit of " +
            "/kubepods.slice/kubepods-pod77.slice\n" +
            "[  100.1] memory: usage 1048576kB, limit 1048576kB, failcnt 189\n"));
        Assert.Contains("(1 GiB)", finding.Title, StringComparison.Ordinal);
        Assert.Contains("pod", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kill_and_its_announcement_are_one_and_a_unit_is_called_one()
    {
        Finding finding = Assert.Single(Explained.Findings("cgroup-out-of-memory",
            "[  100.3] " +
            "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=/system.slice/foo.service,task_memcg=/y,task=java,pid=9\n" +
            "[  100.4] Memory cgroup out of memory: Kill process 9 (java) score 1000 or sacrifice child\n" +
            "[  100.5] Memory cgroup out of memory: Killed process 9 (java) total-vm:9kB, anon-rss:1024kB\n"));
        Assert.Equal("cgroup-out-of-memory:foo.service", finding.Key);
        Assert.Contains("unit (service)", finding.Title, StringComparison.Ordinal);
    }

    [Fact]
    public void The_machines_own_shortage_is_another_matter()
    {
        const string global = "[  200.1] a.out invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n" +
            "[  200.3] " +
            "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/y,task=a.out,pid=9\n" +
            "[  200.4] Out of memory: Killed process 9 (a.out) total-vm:9kB, anon-rss:1024kB\n";
        Assert.Empty(Explained.Findings("cgroup-out-of-memory", global));
        Assert.Contains("a.out", Assert.Single(Explained.Findings("out-of-memory", Killed + global)).Title, StringComparison.Ordinal);
    }
}
