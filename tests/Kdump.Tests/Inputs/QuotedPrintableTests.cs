using System.Text;
using Kdump.Diagnosis.Model;
using Kdump.Sources.Inputs;

namespace Kdump.Tests.Inputs;

/// <summary>Logs as mail carries them.</summary>
public sealed class QuotedPrintableTests
{
    private const string Escaped =
        "> [    2.1] pstate: 60000005 (nZCv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=3D-=\n-)\n> [    2.2] ESR =3D 0x96=\n" +
        "000004\n> [    2.3] x=3D1 y=3D2\n";

    private static string Decoded(string text)
    {
        using var decoded = new StreamReader(new QuotedPrintable(new MemoryStream(Encoding.UTF8.GetBytes(text))));
        return decoded.ReadToEnd();
    }

    [Fact]
    public void Escapes_are_undone_and_a_joined_line_keeps_its_number() =>
        Assert.Equal("> [    2.1] pstate: 60000005 (nZCv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)\n\n> [    2.2] ESR = 0x96000004\n\n" +
            "> [    2.3] x=1 y=2\n", Decoded(Escaped));

    [Theory]
    [InlineData("a=3Db c=3Dd\n", "a=b c=d\n")]
    [InlineData("caf=C3=A9 =3D\n", "caf\u00e9 =\n")]
    [InlineData("cut =  \r\nhere =3D\n", "cut here =\n\n")]
    [InlineData("not an escape: =3d =zz =", "not an escape: =3d =zz =")]
    public void Each_form_of_an_escape(string text, string decoded) => Assert.Equal(decoded, Decoded(text).Replace("\r", "",
        StringComparison.Ordinal));

    [Theory]
    [InlineData("[    1.0] cook invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0\n[    1.1] x=3D\n")]
    [InlineData("[    1.0] Kernel command line: root=/dev/vda1 ro\n[    1.1] exitcode=0x00000100\n")]
    [InlineData("=3D\n")]
    [InlineData("===================================================================\n==== REPORT ====\n====\n")]
    [InlineData("")]
    public void Ordinary_logs_are_left_alone(string text) => Assert.False(QuotedPrintable.Is(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void A_mail_is_recognised() => Assert.True(QuotedPrintable.Is(Encoding.UTF8.GetBytes(Escaped)));

    [Fact]
    public void The_exit_code_of_init_is_read_in_a_mail()
    {
        Finding panic = Assert.Single(Explained.Findings("kernel-panic",
            "[    2.1] ESR =3D 0x96000004\n[    2.2] Kernel panic - not syncing: Attempted to kill init! exitcode=3D0x0000=\n000b\n"));
        Assert.Contains("signal 11", panic.Why, StringComparison.Ordinal);
    }
}
