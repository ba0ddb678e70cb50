using Kdump.Cli;
using Kdump.Cli.Terminals;
using Kdump.Tests.Fleet;
using Kdump.Tests.Host;
using Kdump.Tests.Image;
using Kdump.Tests.Kernel;

namespace Kdump.Tests.Cli;

/// <summary>A page of each command that writes one, made of a machine with something wrong.</summary>
internal static class PageScenes
{
    public static readonly string[] Cases = ["vector-exhaustion", "vf-not-recovered", "edac-faulty-dimm", "dump-saved",
        "capture-kernel-oom", "nvme-fell-off-the-bus"];

    public static readonly string[] All = [.. Cases, "two machines", "in Chinese", "host check", "host vectors", "host diff", "image diff",
        "vmcore report", "fleet"];

    /// <summary>Writes the page of this name to report.html in a folder.</summary>
    /// <returns>Its path.</returns>
    public static string Write(string name, string folder)
    {
        string page = Path.Combine(folder, "report.html");
        switch (name)
        {
            case "two machines":
                Run("explain", Case("nvme-fell-off-the-bus"), Case("edac-faulty-dimm"), "-o", page);
                break;
            case "in Chinese":
                Run("explain", "--lang", "zh", Case("vector-exhaustion"), "-o", page);
                break;
            case "host check":
                using (var machine = new HostForm("rhel9"))
                {
                    machine.Line("failure_action nothing");
                    machine.Files["sys/kernel/kexec_crash_loaded"] = "0\n";
                    Run("host", "check", "--root", machine.LayOut(), "-o", page);
                }
                break;
            case "host vectors":
                using (var scene = new VectorScene())
                    scene.Field().Run("irqpoll nr_cpus=1 reset_devices", withImage: true, "-o", page);
                break;
            case "host diff":
                using (HostForm a = new("rhel8"), b = new("debian12"))
                    Run("host", "diff", a.LayOut(), b.LayOut(), "-o", page);
                break;
            case "image diff":
                using (var scene = new KdumpScene())
                {
                    string good = scene.WriteImage("good.img");
                    scene.Files.Remove(KdumpScene.At("drivers/block/virtio_blk.ko"));
                    scene.File("etc/kdump.conf", "ext4 UUID=other\n");
                    scene.File("etc/machine-id", "1");
                    Run("image", "diff", good, scene.WriteImage("bad.img"), "-o", page);
                }
                break;
            case "vmcore report":
                using (var core = new RealKernelTests.Core())
                    Run("vmcore", "report", core.Path, "-o", page);
                break;
            case "fleet":
                FleetPageTests.WriteTo(page);
                break;
            default:
                Run("explain", Case(name), "-o", page);
                break;
        }
        return page;
    }

    /// <summary>With KDUMP_PAGES=FOLDER the pages stay there, and what a browser makes of them, to be looked at.</summary>
    public static void Keep(string name, string folder, int width)
    {
        if (Environment.GetEnvironmentVariable("KDUMP_PAGES") is not { Length: > 0 } kept)
            return;
        string file = Path.Combine(kept, name.Replace(' ', '-'));
        File.Copy(Path.Combine(folder, "report.html"), $"{file}.html", overwrite: true);
        File.WriteAllText(Path.Combine(folder, "frame.html"), "<body style=margin:0><iframe src=report.html style=border:0 " +
            $"width={width} height=2400></iframe>");
        Tool.Run("timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --allow-file-access-from-files " +
            $"--window-size={Math.Max(width, 500)},2400 --screenshot='{file}-{width}.png' frame.html 2>/dev/null", folder);
    }

    private static string Case(string name) => Repository.Path("fixtures", "cases", name);

    private static void Run(params string[] args) => Kdt.Run(args, TextWriter.Null, TextWriter.Null, () => Stream.Null, Terminal.Plain);
}
