// SPDX-License-Identifier: GPL-2.0
/*
 * The lab's way to break a kernel: insmod kdt_lab.ko fault=NAME. Each fault is a chain of functions whose names tell what a stack must
 * show. Nothing here is inlined, and nothing after a fault is ever reached.
 */
#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#ifdef CONFIG_X86
#include <asm/apic.h>
#include <asm/nmi.h>
#endif

static char *fault = "";
module_param(fault, charp, 0444);

/* Both volatile: a compiler that sees the value unused would not read it. */
static volatile int *volatile nowhere;
static DEFINE_MUTEX(lab_mutex);
static DECLARE_RWSEM(lab_rwsem);

static noinline int lab_read_nowhere(int depth)
{
	int value = *nowhere;

	barrier();
	return value + depth;
}

static noinline int lab_null(int depth)
{
	int value = depth ? lab_null(depth - 1) : lab_read_nowhere(depth);

	barrier();
	return value + 1;
}

/* In an interrupt: a timer's callback. */
static struct hrtimer lab_timer;

static noinline enum hrtimer_restart lab_timer_callback(struct hrtimer *timer)
{
	lab_null(1);
	return HRTIMER_NORESTART;
}

static void lab_start_timer(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&lab_timer, lab_timer_callback, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#else
	hrtimer_init(&lab_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	lab_timer.function = lab_timer_callback;
#endif
	hrtimer_start(&lab_timer, ms_to_ktime(50), HRTIMER_MODE_REL);
}

/* One thread sleeps on a mutex and a reader-writer semaphore that it holds; two others wait for them. */
static int lab_hold(void *unused)
{
	mutex_lock(&lab_mutex);
	down_write(&lab_rwsem);
	for (;;)
		msleep_interruptible(1000);
	return 0;
}

static noinline int lab_wait_for_mutex(void *unused)
{
	mutex_lock(&lab_mutex);
	return 0;
}

static noinline int lab_wait_for_rwsem(void *unused)
{
	down_read(&lab_rwsem);
	return 0;
}

static void lab_hang(void)
{
	kthread_run(lab_hold, NULL, "lab_holder");
	msleep(200);
	kthread_run(lab_wait_for_mutex, NULL, "lab_mutex");
	kthread_run(lab_wait_for_rwsem, NULL, "lab_rwsem");
}

/* Two threads each hold what the other wants; a work waits behind them, and one more thread for a semaphore that nobody ever ups. */
static DEFINE_MUTEX(lab_left);
static DEFINE_MUTEX(lab_right);
static struct semaphore lab_semaphore;

static noinline int lab_take(struct mutex *first, struct mutex *second)
{
	mutex_lock(first);
	msleep(200);
	mutex_lock(second);
	return 0;
}

static int lab_left_first(void *unused)
{
	return lab_take(&lab_left, &lab_right);
}

static int lab_right_first(void *unused)
{
	return lab_take(&lab_right, &lab_left);
}

static int lab_wait_for_semaphore(void *unused)
{
	down(&lab_semaphore);
	return 0;
}

static void lab_work_waits(struct work_struct *work)
{
	mutex_lock(&lab_left);
}

static DECLARE_WORK(lab_waiting_work, lab_work_waits);

static void lab_deadlock(void)
{
	sema_init(&lab_semaphore, 0);
	kthread_run(lab_left_first, NULL, "lab_left");
	kthread_run(lab_right_first, NULL, "lab_right");
	kthread_run(lab_wait_for_semaphore, NULL, "lab_semaphore");
	msleep(500);
	schedule_work(&lab_waiting_work);
}

/* CPU 1 keeps a spinlock; the CPU of insmod spins for it. */
static DEFINE_SPINLOCK(lab_lock);

static int lab_keep_lock(void *unused)
{
	spin_lock(&lab_lock);
	for (;;)
		cpu_relax();
	return 0;
}

static noinline void lab_want_lock(void)
{
	struct task_struct *keeper = kthread_create(lab_keep_lock, NULL, "lab_keeper");

	kthread_bind(keeper, 1);
	wake_up_process(keeper);
	msleep(200);
	spin_lock(&lab_lock);
	spin_unlock(&lab_lock);
}

static noinline void lab_spin(void)
{
	preempt_disable();
	for (;;)
		cpu_relax();
}

/*
 * A CPU that will not hear the NMI of the crash either: on x86 it spins in the handler of another one, and the next is held back until that
 * returns. CPU 1 gets it by its APIC, whose number QEMU makes that of the CPU. Elsewhere it spins with interrupts off.
 */
static noinline void lab_spin_deaf(void)
{
	for (;;)
		cpu_relax();
}

/* Sleeps where nobody may. */
static noinline void lab_sleep_atomic(void)
{
	preempt_disable();
	msleep(20);
	preempt_enable();
}

/* Calls what is no function. */
static noinline int lab_jump(void *target)
{
	int (*function)(int) = target;
	int value = function(1);

	barrier();
	return value + 1;
}

static volatile int lab_zero, lab_quotient;

static noinline void lab_divide(void)
{
	lab_quotient = 1000 / lab_zero;
}

/* A pointer overwritten by text: no canonical address, thus a general protection fault. */
static noinline int lab_wild(void)
{
	nowhere = (void *)0x6b64745f6c616221UL;
	return lab_read_nowhere(0) + 1;
}

/* Writes where the kernel keeps its constants. */
static noinline void lab_write_constant(void)
{
	*(volatile unsigned char *)_ctype = 1;
}

static noinline void lab_warn(int count)
{
	WARN(count > 2, "kdt_lab: %d is more than two\n", count);
}

static refcount_t lab_references = REFCOUNT_INIT(0);

static noinline void lab_count(void)
{
	refcount_inc(&lab_references);
	barrier();
}

static LIST_HEAD(lab_list);

static noinline void lab_list_twice(void)
{
	static struct list_head entry;

	list_add(&entry, &lab_list);
	list_add(&entry, &lab_list);
	barrier();
}

static void lab_busy(struct work_struct *work)
{
	unsigned long end = jiffies + 50 * HZ;

	while (time_before(jiffies, end))
		cpu_relax();
}

static DECLARE_WORK(lab_work, lab_busy);

#ifdef CONFIG_X86
static int lab_nmi(unsigned int type, struct pt_regs *regs)
{
	if (raw_smp_processor_id() == 1)
		lab_spin_deaf();
	return NMI_DONE;
}

static noinline void lab_deaf(void)
{
	void __iomem *apic = ioremap(0xfee00000, PAGE_SIZE);
	u32 base, high;

	register_nmi_handler(NMI_LOCAL, lab_nmi, 0, "kdt_lab");
	rdmsr(MSR_IA32_APICBASE, base, high);
	if (base & X2APIC_ENABLE) {
		wrmsr(0x830, APIC_DM_NMI, 1);
	} else {
		writel(1u << 24, apic + APIC_ICR2);
		writel(APIC_DM_NMI, apic + APIC_ICR);
	}
	mdelay(200);
	panic("kdt_lab: CPU 1 is deaf");
}
#else
static noinline void lab_masked(void *unused)
{
	local_irq_disable();
	lab_spin_deaf();
}

static noinline void lab_deaf(void)
{
	smp_call_function_single(1, lab_masked, NULL, 0);
	mdelay(200);
	panic("kdt_lab: CPU 1 is deaf");
}
#endif

/* Runs off the end of its stack: the guard page makes a double fault of it. */
static noinline int lab_overflow(int depth)
{
	volatile char frame[512];

	frame[0] = depth;
	frame[511] = lab_overflow(depth + 1);
	return frame[0] + frame[511];
}

static int __init lab_init(void)
{
	if (!strcmp(fault, "null"))
		lab_null(3);
	else if (!strcmp(fault, "null-irq"))
		lab_start_timer();
	else if (!strcmp(fault, "hung-task"))
		lab_hang();
	else if (!strcmp(fault, "deadlock"))
		lab_deadlock();
	else if (!strcmp(fault, "soft-lockup"))
		lab_spin();
	else if (!strcmp(fault, "spin-lock"))
		lab_want_lock();
	else if (!strcmp(fault, "deaf"))
		lab_deaf();
	else if (!strcmp(fault, "stack-overflow"))
		lab_overflow(0);
	else if (!strcmp(fault, "bug"))
		BUG();
	else if (!strcmp(fault, "warn"))
		lab_warn(3);
	else if (!strcmp(fault, "sleep-atomic"))
		lab_sleep_atomic();
	else if (!strcmp(fault, "jump"))
		lab_jump(NULL);
	else if (!strcmp(fault, "jump-data"))
		lab_jump(&lab_list);
	else if (!strcmp(fault, "divide"))
		lab_divide();
	else if (!strcmp(fault, "wild"))
		lab_wild();
	else if (!strcmp(fault, "write-constant"))
		lab_write_constant();
	else if (!strcmp(fault, "refcount"))
		lab_count();
	else if (!strcmp(fault, "list"))
		lab_list_twice();
	else if (!strcmp(fault, "busy-work"))
		schedule_work(&lab_work);
	return 0;
}

static void __exit lab_exit(void)
{
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("breaks the kernel, for dumps to be made of it");
MODULE_LICENSE("GPL");
