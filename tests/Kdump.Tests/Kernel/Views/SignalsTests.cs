using Kdump.Formats.Bytes;
using Kdump.Kernel;
using Kdump.Kernel.Structs;
using Kdump.Kernel.Views;

namespace Kdump.Tests.Kernel.Views;

public sealed class SignalsTests
{
    [Theory]
    [InlineData(1, "SIGHUP")]
    [InlineData(9, "SIGKILL")]
    [InlineData(31, "SIGSYS")]
    [InlineData(33, "signal 33")]
    [InlineData(34, "SIGRTMIN")]
    [InlineData(37, "SIGRTMIN+3")]
    [InlineData(64, "SIGRTMAX")]
    [InlineData(65, "signal 65")]
    public void Signals_have_the_names_of_kill(int number, string name) => Assert.Equal(name, Signals.Name(number));

    [Fact]
    public void A_set_s_lowest_bit_is_signal_1() => Assert.Equal([1, 15, 64], Signals.Numbers(1 | 1 << 14 | 1UL << 63));

    [Fact]
    public void Queued_signals_name_their_sender_and_a_broken_queue_ends()
    {
        KernelBuilder kernel = new();
        BtfBuilder t = kernel.Types;
        int u32 = t.Int("int", 4), u64 = t.Int("long", 8), pointer = t.Pointer(0);
        int list = t.Struct("list_head", 16, ("next", pointer, 0), ("prev", pointer, 8));
        int sender = t.Struct("kill_fields", 8, ("_pid", u32, 0));
        int fields = t.Union("__sifields", 16, ("_kill", sender, 0));
        int info = t.Struct("kernel_siginfo", 32, ("si_signo", u32, 0), ("si_code", u32, 8), ("_sifields", fields, 16));
        t.Struct("sigqueue", 64, ("list", list, 0), ("info", info, 16));
        int pending = t.Struct("sigpending", 24, ("list", list, 0), ("signal", u64, 16));
        int signal = t.Struct("signal_struct", 64, ("shared_pending", pending, 0));
        int act = t.Struct("sigaction", 32, ("sa_handler", u64, 0), ("sa_flags", u64, 8));
        int action = t.Struct("k_sigaction", 32, ("sa", act, 0));
        int hands = t.Struct("sighand_struct", 64, ("action", t.Array(action, 2), 0));
        t.Struct("task_struct", 256, ("__state", u32, 0), ("pid", u32, 8), ("tgid", u32, 12), ("flags", u32, 16),
            ("comm", t.Array(t.Int("char", 1), 16), 88), ("signal", t.Pointer(signal), 128), ("sighand", t.Pointer(hands), 136),
            ("pending", pending, 144), ("blocked", u64, 168));
        var m = kernel.Memory;
        VirtualAddress task = m.Allocate(256), shared = m.Allocate(64), hand = m.Allocate(64), sent = m.Allocate(64);
        m.U64(task + 128, shared.Value).U64(task + 136, hand.Value).U64(task + 168, 1 << 14).U64(task + 144 + 16, 1 << 14);
        m.U64(task + 144, sent.Value).U64(sent, (task + 144).Value).U32(sent + 16, 15).U32(sent + 24, unchecked((uint)-6))
            .U32(sent + 32, 4711);
        // The shared queue breaks off.
        m.U64(shared, 0).U64(hand + 32, 1);
        using Vmcore vmcore = kernel.Open();
        SignalState state = Signals.Of(vmcore, new TaskStruct(vmcore.At("task_struct", task)));
        Assert.Equal(new QueuedSignal(15, -6, 4711), Assert.Single(state.Queued));
        Assert.Equal([0ul, 1ul], state.Actions.Select(a => a.Handler));
        Assert.Single(state.Damages);
    }
}
