using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

public sealed class ContainerNameTests
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const string Uid = "8b0d3f0a-1c2d-4e5f-8a9b-0c1d2e3f4a5b";

    [Theory]
    [InlineData($"/system.slice/docker-{Id}.scope", Id, null)]
    [InlineData($"/docker/{Id}", Id, null)]
    [InlineData($"/machine.slice/libpod-{Id}.scope/container", Id, null)]
    [InlineData(
        $"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod8b0d3f0a_1c2d_4e5f_8a9b_0c1d2e3f4a5b.slice/cri-containerd-" +
        $"{Id}.scope",
        Id, Uid)]
    [InlineData($"/kubepods/besteffort/pod{Uid}/{Id}", Id, Uid)]
    [InlineData($"/kubepods.slice/kubepods-pod8b0d3f0a_1c2d_4e5f_8a9b_0c1d2e3f4a5b.slice", null, Uid)]
    [InlineData("/lxc.payload.web1/init.scope", "web1", null)]
    [InlineData("/lxc/web1", "web1", null)]
    [InlineData("/system.slice/sshd.service", null, null)]
    [InlineData("/user.slice/user-1000.slice/session-3.scope", null, null)]
    [InlineData("/system.slice/tripod.service", null, null)]
    [InlineData("/", null, null)]
    public void A_path_names_its_container_and_pod(string path, string? container, string? pod) =>
        Assert.Equal(new ContainerName(container, pod), ContainerName.Of(path));
}
