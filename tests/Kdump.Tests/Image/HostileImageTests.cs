using Kdump.Cli;
using Kdump.Cli.Terminals;

namespace Kdump.Tests.Image;

/// <summary>The whole check on images that were broken at random: an exit code and a verdict, never a stack.</summary>
public sealed class HostileImageTests
{
    [Fact]
    public void Any_broken_image_gets_a_verdict_or_one_line()
    {
        using var scene = new KdumpScene();
        string good = scene.WriteImage("good.img");
        byte[] bytes = File.ReadAllBytes(good);
        var random = new Random(3);
        for (int round = 0; round < 150; round++)
        {
            byte[] bad = (byte[])bytes.Clone();
            for (int n = random.Next(1, 30); n > 0; n--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0)
                bad = bad[..random.Next(bad.Length)];
            File.WriteAllBytes(good, bad);
            foreach (string[] args in new[] { new[] { "image", "check", good, "--root", "none" }, ["image", "list", good],
                ["image", "diff", good, good] })
            {
                var error = new StringWriter();
                int exit = Kdt.Run(args, new StringWriter(), error, () => Stream.Null, Terminal.Plain);
                Assert.InRange(exit, 0, 2);
            }
        }
    }
}
