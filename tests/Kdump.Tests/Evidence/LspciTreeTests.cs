using Kdump.Diagnosis.Evidence.Pci;
using Kdump.Diagnosis.Hardware;

namespace Kdump.Tests.Evidence;

public sealed class LspciTreeTests
{
    [Fact]
    public void A_function_belongs_to_the_bus_it_is_drawn_behind()
    {
        string text = """
            -[0000:00]-+-00.0  Intel Corporation Xeon E7 v2/Xeon E5 v2/Core i7 DMI2
                       +-02.0-[04]----00.0  Mellanox Technologies MT27500 Family [ConnectX-3]
                       +-03.0-[05-07]----00.0-[06-07]--+-00.0-[07]----00.0  Broadcom / LSI MegaRAID
                       |                               \-01.0-[08]--
                       \-1f.2  Intel Corporation SATA
            """;
        LspciFunction[] functions = Explained.Facts(text).Of<LspciFunction>().ToArray();
        Assert.Equal(["0000:00:00.0", "0000:00:02.0", "0000:04:00.0", "0000:00:03.0", "0000:05:00.0", "0000:06:00.0", "0000:07:00.0",
            "0000:06:01.0", "0000:00:1f.2"], functions.Select(f => f.Address.ToString()));
        Assert.Equal("Mellanox Technologies MT27500 Family [ConnectX-3]", functions[2].Name);
        var tree = new PciTree(functions);
        Assert.Equal(["0000:00:03.0", "0000:05:00.0", "0000:06:00.0"], tree.PathTo(functions[6]).Select(f => f.Address.ToString()));
    }

    [Fact]
    public void Domains_hang_on_a_common_stem()
    {
        string text = """
            -+-[10000:e0]-+-02.0-[e1]----00.0
             |            \-03.0-[e2]----00.0
             \-[0000:00]-+-00.0
                         \-1c.0-[01]----00.0
            """;
        Assert.Equal(["10000:e0:02.0", "10000:e1:00.0", "10000:e0:03.0", "10000:e2:00.0", "0000:00:00.0", "0000:00:1c.0", "0000:01:00.0"],
            Explained.Facts(text).Of<LspciFunction>().Select(f => f.Address.ToString()));
    }

    [Theory]
    [InlineData("-[ RECORD 1 ]-\n+-00.0\n")]
    [InlineData("text -[0000:00]-+-00.0\n")]
    [InlineData("-[0000:00\n+-zz.0\n-[00000000000000000000:00]-+-00.0")]
    [InlineData("+-02.0-[04]----00.0\n")]
    public void What_is_no_drawing_of_it_gives_nothing(string text) => Assert.Empty(Explained.Facts(text).Of<LspciFunction>());
}
