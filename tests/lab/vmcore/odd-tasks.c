/*
 * Processes that a dump should have something to show of: threads, owners, classes and priorities, signals, System V IPC, timers, namespaces,
 * a control group, a BPF program. Each names itself for what it is, and stays.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static void stay(void)
{
	for (;;)
		pause();
}

static int child(const char *name)
{
	if (fork())
		return 0;
	prctl(PR_SET_NAME, name);
	return 1;
}

static void handler(int signal)
{
	(void)signal;
}

static void *sleeper(void *unused)
{
	prctl(PR_SET_NAME, "odd_thread");
	stay();
	return unused;
}

static void threads(void)
{
	pthread_t thread;
	char *memory = malloc(4 << 20);

	memset(memory, 7, 4 << 20);
	for (int i = 0; i < 3; i++)
		pthread_create(&thread, NULL, sleeper, NULL);
	stay();
}

static void spin(int nice)
{
	cpu_set_t second;

	CPU_ZERO(&second);
	CPU_SET(1, &second);
	sched_setaffinity(0, sizeof(second), &second);
	setpriority(PRIO_PROCESS, 0, nice);
	for (volatile long i = 0;; i++)
		;
}

static void real_time(void)
{
	struct sched_param fifo = { .sched_priority = 42 };

	sched_setscheduler(0, SCHED_FIFO, &fifo);
	stay();
}

static void signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	union sigval value = { .sival_int = 42 };
	sigset_t blocked;

	signal(SIGUSR1, handler);
	sigaction(SIGHUP, &ignore, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	kill(getpid(), SIGUSR1);
	sigqueue(getpid(), SIGRTMIN + 3, value);
	sigqueue(getpid(), SIGRTMIN + 3, value);
	syscall(SYS_tgkill, getpid(), getpid(), SIGTERM);
	stay();
}

static void ipc(void)
{
	struct { long type; char data[100]; } message = { 5, "hello" };
	int memory = shmget(0x1234, 1 << 20, IPC_CREAT | 0640), set = semget(0x77, 4, IPC_CREAT | 0600);
	int queue = msgget(0x99, IPC_CREAT | 0666);

	memset(shmat(memory, NULL, 0), 1, 1 << 19);
	semctl(set, 1, SETVAL, 3);
	msgsnd(queue, &message, 100, 0);
	msgsnd(queue, &message, 50, 0);
	if (child("odd_semop")) {
		struct sembuf down = { 2, -1, 0 };

		semop(set, &down, 1);
		stay();
	}
	if (child("odd_msgrcv")) {
		msgrcv(msgget(0x98, IPC_CREAT | 0666), &message, 100, 0, 0);
		stay();
	}
	unshare(CLONE_NEWIPC);
	shmget(0x555, 4096, IPC_CREAT | 0600);
	stay();
}

static void timers(void)
{
	struct itimerval interval = { { 0, 0 }, { 500, 0 } };
	struct itimerspec later = { { 7, 0 }, { 300, 0 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	timer_t timer;

	signal(SIGUSR2, handler);
	setitimer(ITIMER_REAL, &interval, NULL);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &later, NULL);
	timerfd_settime(timerfd_create(CLOCK_REALTIME, 0), 0, &later, NULL);
	stay();
}

static void group(void)
{
	char pid[20];
	int file, length = sprintf(pid, "%d", getpid());

	mkdir("/sys/fs/cgroup/pod1", 0755);
	mkdir("/sys/fs/cgroup/pod1/box", 0755);
	file = open("/sys/fs/cgroup/pod1/box/cgroup.procs", O_WRONLY);
	if (write(file, pid, length) != length)
		perror("cgroup.procs");
	stay();
}

/* a control group as a kubelet with systemd and containerd makes it */
static void pod(void)
{
	static const char *const parts[] = { "kubepods.slice", "kubepods-besteffort.slice",
		"kubepods-besteffort-pod3d0b1c52_7f2e_4a51_9d5a_0c8f6e1b2a34.slice",
		"cri-containerd-5f0c6a1be2d34f8897a0b1c2d3e4f5061728394a5b6c7d8e9fa0b1c2d3e4f506.scope" };
	char path[400] = "/sys/fs/cgroup", pid[20];
	int file, length = sprintf(pid, "%d", getpid());

	for (int i = 0; i < 4; i++) {
		strcat(strcat(path, "/"), parts[i]);
		mkdir(path, 0755);
	}
	file = open(strcat(path, "/cgroup.procs"), O_WRONLY);
	if (write(file, pid, length) != length)
		perror("cgroup.procs");
	stay();
}

static void inner(void)
{
	unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS);
	sethostname("inner", 5);
	if (child("odd_inner"))
		stay();
	stay();
}

static void bpf(void)
{
	struct bpf_insn exit_one[] = { { .code = 0xb7, .imm = 1 }, { .code = 0x95 } };
	union bpf_attr map = { .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 16, .max_entries = 100, .map_name = "labmap" };
	union bpf_attr program = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = (unsigned long)exit_one, .insn_cnt = 2,
				   .license = (unsigned long)"GPL", .prog_name = "labprog" };

	syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map));
	syscall(SYS_bpf, BPF_PROG_LOAD, &program, sizeof(program));
	stay();
}

static void priority_inheritance(void)
{
	pthread_mutex_t *mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(mutex, &attributes);
	pthread_mutex_lock(mutex);
	if (child("odd_pi_waits"))
		pthread_mutex_lock(mutex);
	stay();
}

int main(void)
{
	if (child("odd_threads"))
		threads();
	if (child("odd_spin"))
		spin(0);
	if (child("odd_spin_nice"))
		spin(5);
	if (child("odd_fifo"))
		real_time();
	if (child("odd_signals"))
		signals();
	if (child("odd_ipc"))
		ipc();
	if (child("odd_timers"))
		timers();
	if (child("odd_zombie")) {
		if (!fork())
			_exit(3);
		stay();
	}
	if (child("odd_vfork")) {
		if (!vfork()) {
			prctl(PR_SET_NAME, "odd_vchild");
			stay();
		}
	}
	if (child("odd_uid")) {
		if (setgid(1234) || setuid(1234))
			perror("setuid");
		stay();
	}
	if (child("odd_group"))
		group();
	if (child("odd_pod"))
		pod();
	if (child("odd_names"))
		inner();
	if (child("odd_bpf"))
		bpf();
	if (child("odd_pi_holds"))
		priority_inheritance();
	stay();
	return 0;
}
