/* Making and signalling the processes of shells and scripts. The fuzzers put fake-spawn.c in this file’s place: no message of the server forks, runs or kills elsewhere. */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* The agent has at most: 16 terminals × 2, 8 scripts × 5, a handful of its own. */
enum { HIGHEST_FD = 256 };

static bool is_kept(int fd, const int *keep, int count)
{
	for (int i = 0; i < count; i++)
		if (keep[i] == fd)
			return true;
	return false;
}

void child_settle(const int *keep, int count)
{
	for (int fd = 3; fd < HIGHEST_FD; fd++)
		if (!is_kept(fd, keep, count))
			close(fd);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL); /* fails for SIGKILL and SIGSTOP, which is right */
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
}

#define OWN_ORDER 100
#define ORDER_OF_OTHERS 500

/* When memory is short, who has more goes first. */
static int order_of_others = ORDER_OF_OTHERS;

static int set_order(int order)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	char text[16];
	int length = snprintf(text, sizeof text, "%d", order);
	ssize_t wrote = write(fd, text, (size_t)length);
	close(fd);
	return wrote == length;
}

/*
 * Kubernetes gives a sandbox some 990, where the programs of a learner would be behind the agent. So the agent takes less, where it may, and leaves
 * them what they were given: other pods of the node are not to go before them.
 */
void settle_memory_order(void)
{
	int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	char text[16] = "";
	ssize_t length = read(fd, text, sizeof text - 1);
	close(fd);
	int given = length > 0 ? atoi(text) : 0;
	if (given <= OWN_ORDER)
		return;
	int lowered = set_order(OWN_ORDER);
	if (given >= ORDER_OF_OTHERS)
		order_of_others = lowered ? given : 1000;
}

/*
 * From here on the learner's other processes may look into this one: only when the agent's connection is closed in it. Needed for
 * /proc/self to be ours to write. A program that eats all memory must go before the agent does.
 */
static void become_ordinary(void)
{
	prctl(PR_SET_DUMPABLE, 1);
	set_order(order_of_others); /* where it cannot be raised the kernel's own choice has to do */
}

static void go_to(const char *cwd)
{
	const char *home = getenv("HOME");
	if ((!cwd[0] || chdir(cwd)) && (!home || chdir(home)) && chdir("/"))
		return; /* there is always a current directory */
}

static _Noreturn void fail(int report)
{
	uint8_t error = (uint8_t)errno;
	ssize_t wrote = write(report, &error, 1);
	(void)wrote; /* the parent sees the exit code 127 in any case */
	_exit(127);
}

int set_size(int master, uint16_t cols, uint16_t rows)
{
	struct winsize size = {.ws_col = cols, .ws_row = rows};
	return ioctl(master, TIOCSWINSZ, &size) ? errno : 0;
}

void make_folder(const char *path)
{
	char part[PATH_MAX];
	size_t length = strlen(path);
	if (length >= sizeof part)
		return;
	memcpy(part, path, length + 1);
	for (size_t i = 1; i <= length; i++) {
		if (part[i] != '/' && part[i])
			continue;
		char end = part[i];
		part[i] = 0;
		mkdir(part, 0755);
		part[i] = end;
	}
}

/* The other end of a pseudo-terminal. By the call made for it; where that is not known (other kernels), by its name. */
static int open_peer(int master)
{
	unsigned number;
	char path[32];
	int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (peer >= 0 || ioctl(master, TIOCGPTN, &number))
		return peer;
	snprintf(path, sizeof path, "/dev/pts/%u", number);
	return open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

void forget_typed(int master)
{
	int peer = open_peer(master);
	ioctl(master, TCFLSH, TCOFLUSH); /* on the way */
	if (peer < 0)
		return;
	ioctl(peer, TCFLSH, TCIFLUSH); /* arrived */
	close(peer);
}

static int open_terminal(int *master, int *peer, uint16_t cols, uint16_t rows)
{
	int unlock = 0;
	*peer = -1;
	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master < 0)
		return errno;
	fcntl(*master, F_SETFL, O_NONBLOCK);
	if (!ioctl(*master, TIOCSPTLCK, &unlock))
		*peer = open_peer(*master);
	if (*peer < 0 || set_size(*master, cols, rows)) {
		int error = errno;
		if (*peer >= 0)
			close(*peer);
		close(*master);
		return error;
	}
	return 0;
}

/* To its own place, out of the way of those that are about to be taken; what fails shows where it is used. */
static int aside(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 10);
}

static _Noreturn void run_shell(const struct shell *shell, int peer, int wait, int report)
{
	int keep[] = {report, peer, wait};
	if (!root_enter())
		fail(report);
	child_settle(keep, 3);
	setsid();
	report = aside(report);
	wait = wait < 0 ? -1 : aside(wait);
	if (ioctl(peer, TIOCSCTTY, 0) || dup2(peer, 0) < 0 || dup2(peer, 1) < 0 || dup2(peer, 2) < 0)
		fail(report);
	close(peer);
	if (shell->ahead && dup2(wait, WAIT_FD) < 0)
		fail(report);
	become_ordinary();
	go_to(shell->cwd);
	execvpe(shell->argv[0], shell->argv, shell->env);
	fail(report);
}

static void close_pair(const int *both)
{
	for (int i = 0; i < 2; i++)
		if (both[i] >= 0)
			close(both[i]);
}

int spawn_shell(struct spawned *s, const struct shell *shell)
{
	int report[2] = {-1, -1}, wait[2] = {-1, -1}, peer;
	int error = open_terminal(&s->master, &peer, shell->cols, shell->rows);
	if (error)
		return error;
	if (pipe2(report, O_CLOEXEC | O_NONBLOCK) || (shell->ahead && pipe2(wait, O_CLOEXEC))) {
		error = errno;
	} else {
		s->pid = fork();
		error = errno;
		if (s->pid == 0)
			run_shell(shell, peer, wait[0], report[1]);
		if (s->pid > 0) {
			close(peer);
			close(report[1]);
			s->report = report[0];
			if (shell->ahead) {
				close(wait[0]);
				fcntl(wait[1], F_SETFL, O_NONBLOCK);
				s->give = wait[1];
			}
			return 0;
		}
	}
	close_pair(report);
	close_pair(wait);
	close(peer);
	close(s->master);
	return error;
}

static _Noreturn void run_script(int script, int input, int out, int err, int report, char **env, const char *cwd)
{
	int keep[] = {script, input, out, err, report};
	if (!root_enter())
		fail(report);
	child_settle(keep, 5);
	setsid();
	/* Away from 0, 1 and 2, which are about to be taken; the script's own number must stay open for its interpreter. */
	script = fcntl(script, F_DUPFD, 10);
	if (script < 0 || dup2(input, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		fail(report);
	become_ordinary();
	if (chdir(cwd))
		fail(report);
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", script);
	char *argv[] = {path, NULL};
	execve(path, argv, env);
	fail(report);
}

int spawn_script(struct spawned *s, int script, int input, char **env, const char *cwd)
{
	int out[2] = {-1, -1}, err[2] = {-1, -1}, report[2] = {-1, -1}, error;
	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC) || pipe2(report, O_CLOEXEC | O_NONBLOCK)) {
		error = errno;
	} else {
		s->pid = fork();
		error = errno;
		if (s->pid == 0)
			run_script(script, input, out[1], err[1], report[1], env, cwd);
		if (s->pid > 0) {
			close(out[1]);
			close(err[1]);
			close(report[1]);
			fcntl(out[0], F_SETFL, O_NONBLOCK);
			fcntl(err[0], F_SETFL, O_NONBLOCK);
			s->out = out[0];
			s->err = err[0];
			s->report = report[0];
			return 0;
		}
	}
	int all[] = {out[0], out[1], err[0], err[1], report[0], report[1]};
	for (int i = 0; i < 6; i++)
		if (all[i] >= 0)
			close(all[i]);
	return error;
}

void signal_group(pid_t group, int number)
{
	if (group > 1)
		kill(-group, number);
}

void kill_leader(pid_t leader)
{
	if (leader <= 1)
		return;
	kill(-leader, SIGKILL);
	/* On a busy machine it may not have come to make its group yet: then there is nobody else in it either. */
	kill(leader, SIGKILL);
}

bool group_alive(pid_t group)
{
	return group > 1 && !kill(-group, 0);
}

/* Session of a process: the sixth field of its stat file, the fourth after the name's ")". 0 when it has gone. */
static pid_t session_of(const char *pid)
{
	char path[64], text[512];
	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t length = read(fd, text, sizeof text - 1);
	close(fd);
	if (length <= 0)
		return 0;
	text[length] = 0;
	char *after = strrchr(text, ')');
	int session = 0;
	if (!after || sscanf(after + 1, " %*c %*d %*d %d", &session) != 1)
		return 0;
	return session;
}

void signal_session(pid_t session, int number)
{
	if (session <= 1)
		return;
	kill(-session, number);
	DIR *proc = opendir("/proc");
	if (!proc)
		return; /* no memory: the shell's own group has been told */
	struct dirent *entry;
	while ((entry = readdir(proc))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || session_of(entry->d_name) != session)
			continue;
		kill((pid_t)atoi(entry->d_name), number);
	}
	closedir(proc);
}
