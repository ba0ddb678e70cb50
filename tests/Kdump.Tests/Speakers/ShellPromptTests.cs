using Kdump.Diagnosis.Speakers;

namespace Kdump.Tests.Speakers;

public sealed class ShellPromptTests
{
    [Theory]
    [InlineData("[root@t35lp62:~](0)# zipl", "zipl")]
    [InlineData("[fedora@localhost ssh]$ sudo zipl -V", "zipl")]
    [InlineData("root@ubuntu:~# update-grub", "update-grub")]
    [InlineData("$ sudo -E LANG=C /usr/sbin/kexec -l /boot/vmlinuz", "kexec")]
    [InlineData("+ systemctl restart kdump.service", "systemctl")]
    [InlineData("# makedumpfile --mem-usage /proc/kcore", "makedumpfile")]
    [InlineData("user@host:/boot$ ls -l", "ls")]
    public void The_program_of_a_typed_or_traced_command_is_found(string line, string program) =>
        Assert.Equal(program, ShellPrompt.ProgramOf(line));

    [Theory]
    [InlineData("# This is a comment")]
    [InlineData("## How to boot")]
    [InlineData("mail me@example.org: costs 5$ a month")]
    [InlineData("[    1.234567] kdump: saving vmcore")]
    [InlineData("+0x1c/0x20")]
    [InlineData("")]
    public void A_line_that_is_no_command_has_none(string line) => Assert.Null(ShellPrompt.ProgramOf(line));
}
