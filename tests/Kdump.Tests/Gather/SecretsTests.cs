using System.Text;
using Kdump.Sources.Gather;

namespace Kdump.Tests.Gather;

public sealed class SecretsTests
{
    [Theory]
    [InlineData("root=/dev/sda1 rd.iscsi.password=hunter2 quiet", "root=/dev/sda1 rd.iscsi.password=*** quiet")]
    [InlineData("netroot=iscsi:user:hunter2@10.0.0.1::3260::iqn.x", "netroot=iscsi:***@10.0.0.1::3260::iqn.x")]
    [InlineData("//nas/dump /dump cifs username=u,password=hunter2,ro 0 0", "//nas/dump /dump cifs username=u,password=*** 0 0")]
    [InlineData("KDUMP_SAVEDIR=\"ftp://user:hunter2@host/dump\"", "KDUMP_SAVEDIR=\"ftp://user:***@host/dump\"")]
    [InlineData("KDUMP_SMTP_PASSWORD=\"hunter2 and more\"", "KDUMP_SMTP_PASSWORD=***")]
    [InlineData("password_pbkdf2 root grub.pbkdf2.sha512.10000.AB", "password_pbkdf2 ***")]
    [InlineData("    wpa-psk hunter2", "    wpa-psk ***")]
    [InlineData("      password: \"hunter2\"", "      password: ***")]
    [InlineData("PrivateKey=hunter2", "PrivateKey=***")]
    [InlineData("[    0.0] Command line: a=1 foo.token=hunter2 b=2", "[    0.0] Command line: a=1 foo.token=*** b=2")]
    [InlineData("Authorization: Bearer hunter2.x.y z", "Authorization: Bearer *** z")]
    [InlineData("-H 'authorization: basic aHVudGVyMg=='", "-H 'authorization: basic ***'")]
    [InlineData("got bearer hunter2.x.y", "got bearer ***")]
    [InlineData("login with ghp_AbCdEf0123456789AbCdEf0123456789AbCd or glpat-AbCdEf0123456789AbCd", "login with *** or ***")]
    [InlineData("AKIAIOSFODNN7EXAMPLE, xoxb-123456789012-abc, eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.AbC", "***, ***, ***")]
    [InlineData("GET https://h/b?X-Amz-Signature=hunter2&a=1&sig=hunter2", "GET https://h/b?X-Amz-Signature=***&a=1&sig=***")]
    [InlineData("the password is hunter2, sorry", "the password is *** sorry")]
    public void A_value_behind_the_name_of_a_secret_is_masked(string line, string masked) => Assert.Equal(masked, Secrets.Line(line));

    [Theory]
    [InlineData("intel_iommu=on iommu=pt iommu.passthrough=1 bypass=2")]
    [InlineData("systemd[1]: Started Forward Password Requests to Wall Directory Watch.")]
    [InlineData("[    1.0] usb 1-1: New USB device found: http://www.example.org/a:b")]
    [InlineData("sshkey /root/.ssh/kdump_id_rsa")]
    [InlineData("[    0.0] Key type dns_resolver registered")]
    [InlineData("microcode: sig=0x306f2, pf=0x1; the password is required; a bearer of bad news; mask-of-disk-0123456789abcdefghijk")]
    [InlineData("usb 1-1: Device is not authorized for usage; x.c?foo=1&bar=2; ghp_short; eyJnothing; EASIA01")]
    public void What_only_sounds_like_one_stays(string line) => Assert.Equal(line, Secrets.Line(line));

    [Fact]
    public void A_block_of_a_private_key_goes_as_a_whole()
    {
        string text = "a\n-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\nBBBB\n-----END OPENSSH PRIVATE KEY-----\nb\n";
        Assert.Equal("a\n***\nb\n", Encoding.Latin1.GetString(Secrets.Masked(Encoding.Latin1.GetBytes(text))));
    }

    [Fact]
    public void Text_without_secrets_is_the_same_bytes()
    {
        byte[] text = [.. Encoding.UTF8.GetBytes("Grüße, key of the door\n"), 0xff, 0x00, 0x80];
        Assert.Same(text, Secrets.Masked(text));
    }

    [Theory]
    [InlineData("/etc/shadow")]
    [InlineData("/root/.ssh/kdump_id_rsa")]
    [InlineData("/etc/NetworkManager/system-connections/wifi.nmconnection")]
    [InlineData("/etc/sysconfig/network-scripts/keys-wlan0")]
    [InlineData("/proc/kcore")]
    public void Some_files_are_never_read(string path) => Assert.True(Secrets.IsForbidden(path));

    [Fact]
    public void Nothing_in_the_plan_is_forbidden_by_its_pattern() =>
        Assert.Empty(GatherPlan.Files.Where(f => Secrets.IsForbidden(f.Pattern)).Select(f => f.Pattern));
}
