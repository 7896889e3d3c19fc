/* Start, signals, and the loop that everything hangs on. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Children reaped at one turn: a flood of them must not keep the terminals waiting. */
enum { REAP_MAX = 256, HANGUP_MS = 300 };

static int64_t wake;

int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void wake_at(int64_t at)
{
	if (at < wake)
		wake = at;
}

static _Noreturn void usage(void)
{
	fputs("usage: agent --socket PATH [--forward PORT:PATH]... [--dial PATH]... [--mount PATH]... [--root FOLDER]\n"
	      "             [--limit nofile|core|msgqueue|nproc=SOFT:HARD]...\n"
	      "       agent --watch-ends\n"
	      "       agent --carry FILE\n", stderr);
	exit(2);
}

/* @returns the folder of --root; NULL: without */
static const char *arguments(int argc, char **argv)
{
	static const struct option options[] = {
	    {"socket", 1, NULL, 's'}, {"forward", 1, NULL, 'f'}, {"dial", 1, NULL, 'd'},
	    {"mount", 1, NULL, 'm'},  {"root", 1, NULL, 'r'},    {"limit", 1, NULL, 'l'}, {0}};
	const char *path = NULL, *root = NULL;
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			path = optarg;
		else if (option == 'r')
			root = optarg;
		else if (option == 'l') {
			if (!limit_set(optarg))
				exit(2);
		} else if (option == 'm' && mounts_used < MAX_MOUNTS)
			mounts[mounts_used++] = optarg;
		else if (!(option == 'f' && forward_add(optarg)) && !(option == 'd' && dial_add(optarg)))
			usage();
	}
	if (!path || optind != argc || strlen(path) >= sizeof ((struct sockaddr_un *)0)->sun_path)
		usage();
	connection_init(path);
	return root;
}

/* Nothing inherited but 0, 1 and 2, and these three surely there: children put their own in their place. */
static void settle_files(void)
{
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	int null;
	while ((null = open("/dev/null", O_RDWR)) >= 0 && null < 3)
		;
	if (null >= 3)
		close(null);
}

static int settle_signals(void)
{
	sigset_t all, heard;
	sigfillset(&all);
	/* What the processor raises would only come back for ever. */
	sigdelset(&all, SIGSEGV), sigdelset(&all, SIGBUS), sigdelset(&all, SIGFPE), sigdelset(&all, SIGILL), sigdelset(&all, SIGABRT);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&heard);
	sigaddset(&heard, SIGCHLD);
	/*
	 * PID 1 is ended by its server's word or by the kill that it cannot see: never by a signal that it hears. Who has sent one cannot be
	 * known: when the learner's queue of signals is full the kernel drops the sender, and names itself.
	 */
	if (getpid() != 1)
		sigaddset(&heard, SIGTERM);
	return signalfd(-1, &heard, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* True when somebody asks for the end, outside a sandbox. */
static bool asked_to_end(int signals)
{
	struct signalfd_siginfo info;
	bool end = false;
	while (read(signals, &info, sizeof info) == sizeof info)
		if (info.ssi_signo == SIGTERM)
			end = true;
	return end;
}

static void reap(void)
{
	for (int i = 0; i < REAP_MAX; i++) {
		siginfo_t info = {0};
		int status;
		/* First looked at, then reaped: until then its number is nobody else's, so its group can be killed safely. */
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
			return;
		run_ended(info.si_pid);
		if (waitpid(info.si_pid, &status, WNOHANG) != info.si_pid)
			return;
		if (!run_reaped(info.si_pid, status) && !terminal_reaped(info.si_pid, status))
			forward_reaped(info.si_pid);
	}
	wake_at(0);
}

static void turn(int signals)
{
	static struct pollfd fds[2 + 2 * MAX_TERMINALS + 2 * MAX_RUNS + MAX_FORWARDS];
	int used = 0;
	fds[used++] = (struct pollfd){.fd = signals, .events = POLLIN};
	used += connection_poll(fds + used);
	int at_terminals = used;
	used += terminal_poll(fds + used);
	int at_runs = used;
	used += run_poll(fds + used);
	int at_forwards = used;
	used += forward_poll(fds + used);

	int64_t now = now_ms();
	int timeout = wake <= now ? 0 : wake - now > 60000 ? 60000 : (int)(wake - now);
	wake = INT64_MAX;
	if (poll(fds, (nfds_t)used, timeout) < 0) {
		/* EINTR or no memory: looked at again at the next turn; what poll left in revents means nothing. */
		for (int i = 0; i < used; i++)
			fds[i].revents = 0;
	}
	terminal_polled(fds + at_terminals);
	run_polled(fds + at_runs);
	forward_polled(fds + at_forwards);
	connection_polled(fds + 1);
	if (fds[0].revents && asked_to_end(signals))
		shutting_down = true;
	reap();

	now = now_ms();
	connection_tick(now);
	terminal_tick(now);
	run_tick(now);
	forward_tick(now);
	vitals_tick(now);
	bool more = stream_pump();
	connection_flush();
	if (in_waits() || (more && out_used() < OUT_HIGH))
		wake_at(0);
}

static void end_everything(void)
{
	connection_flush();
	run_drop_all();
	forward_end_all();
	terminal_end_all(SIGHUP);
	int64_t until = now_ms() + HANGUP_MS;
	while (now_ms() < until && (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD))
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	terminal_end_all(SIGKILL);
	if (getpid() == 1)
		kill(-1, SIGKILL);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--watch-ends"))
		return watch_ends();
	if (argc == 3 && !strcmp(argv[1], "--carry"))
		return carry(argv[2]);
	settle_files();
	const char *root = arguments(argc, argv);
	if (root && !root_begin(root))
		return 1;
	settle_memory_order();
	prctl(PR_SET_DUMPABLE, 0);
	if (getpid() != 1)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	int signals = settle_signals();
	if (signals < 0) {
		perror("agent: signalfd");
		return 1;
	}
	if (getrandom(&boot, sizeof boot, 0) != sizeof boot)
		boot = (uint64_t)now_ms() << 20 | (uint64_t)getpid();
	for (int i = 0; i < MAX_TERMINALS; i++)
		terminals[i].master = terminals[i].report = terminals[i].give = -1;
	while (!shutting_down)
		turn(signals);
	end_everything();
	return 0;
}
