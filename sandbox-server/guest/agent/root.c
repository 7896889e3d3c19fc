/*
 * The learner as root: a user and a mount namespace that all shells and scripts of the sandbox join. In it uid 1000 is called 0, and the system
 * is a copy-on-write view of the image's own files, which belong to uid 1000 too. Outside of it nothing changes: the agent stays what it
 * is, without a right, and whatever the kernel asks outside of the namespace it asks of uid 1000. docs/decisions/0013-root.md.
 */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOME "/home/learner"
#define NEW_HOME "/root"

static int user_namespace = -1, mount_namespace = -1;

/* What a root of one user can make use of. Not CAP_SYS_ADMIN: nothing can be mounted over the check helpers, which all scripts share. */
static const int kept[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_SETFCAP};

static bool put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* The engine's own file of that name, as the start of a file that can be changed. One that is missing is no fault. */
static void copy_file(const char *name)
{
	char to[64], text[4096];
	snprintf(to, sizeof to, ".%s", name);
	int from = open(name, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return;
	ssize_t length = read(from, text, sizeof text);
	close(from);
	unlink(to);
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	ssize_t wrote = length > 0 ? write(fd, text, (size_t)length) : 0;
	(void)wrote; /* a name less that can be looked up */
	close(fd);
}

/* `to` begins with "./"; its folders are made. */
static bool bind_place(const char *from, const char *to)
{
	char path[64];
	for (const char *end = to + 1; end;) {
		end = strchr(end + 1, '/');
		snprintf(path, sizeof path, "%.*s", (int)(end ? end - to : (ptrdiff_t)strlen(to)), to);
		if (mkdir(path, 0755) && errno != EEXIST)
			return false;
	}
	return !mount(from, to, NULL, MS_BIND | MS_REC, NULL);
}

/* In the new namespaces, as their root. @returns what failed; NULL: nothing */
static const char *build(const char *system)
{
	char options[256];
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return "make mounts private";
	umask(022);
	if ((mkdir(HOME "/upper", 0755) && errno != EEXIST) || (mkdir(HOME "/work", 0755) && errno != EEXIST) ||
	    (mkdir(HOME "/home", 0700) && errno != EEXIST))
		return "make folders";
	snprintf(options, sizeof options, "lowerdir=%s,upperdir=" HOME "/upper,workdir=" HOME "/work,userxattr", system);
	if (mount("overlay", system, "overlay", 0, options))
		return "mount the overlay";
	if (chdir(system))
		return "enter the overlay";
	if (!bind_place("/proc", "./proc") || !bind_place("/sys", "./sys") || !bind_place("/dev", "./dev") || !bind_place("/tmp", "./tmp") ||
	    !bind_place("/opt/etabli", "./opt/etabli") || !bind_place("/run/etabli", "./run/etabli"))
		return "bind the sandbox's own places";
	if (!bind_place(HOME "/home", "." NEW_HOME) || !bind_place(HOME "/home", "." HOME))
		return "bind the home folder";
	copy_file("/etc/hosts"), copy_file("/etc/hostname"), copy_file("/etc/resolv.conf");
	if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		return "change the root";
	return NULL;
}

static _Noreturn void make(const char *system, int ready, int hold)
{
	char map[32], byte;
	const char *failed = NULL;
	snprintf(map, sizeof map, "0 %u 1", (unsigned)getuid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		failed = "make namespaces";
	else if (!put_text("/proc/self/setgroups", "deny") || !put_text("/proc/self/uid_map", map) || !put_text("/proc/self/gid_map", map))
		failed = "map the user";
	else
		failed = build(system);
	if (failed) {
		fprintf(stderr, "agent: root: %s: %s\n", failed, strerror(errno));
		_exit(1);
	}
	/* The namespaces live on through the agent's descriptors of them; until it has these, through this process. */
	if (write(ready, "", 1) != 1 || read(hold, &byte, 1) < 0)
		_exit(1);
	_exit(0);
}

bool root_begin(const char *system)
{
	int ready[2], hold[2];
	char path[48], byte;
	if (pipe2(ready, O_CLOEXEC) || pipe2(hold, O_CLOEXEC))
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		close(hold[1]);
		make(system, ready[1], hold[0]);
	}
	close(ready[1]);
	close(hold[0]);
	if (pid > 0 && read(ready[0], &byte, 1) == 1) {
		snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
		user_namespace = open(path, O_RDONLY | O_CLOEXEC);
		snprintf(path, sizeof path, "/proc/%d/ns/mnt", pid);
		mount_namespace = open(path, O_RDONLY | O_CLOEXEC);
	}
	close(ready[0]);
	close(hold[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	setenv("HOME", NEW_HOME, 1), setenv("USER", "root", 1), setenv("LOGNAME", "root", 1);
	return user_namespace >= 0 && mount_namespace >= 0;
}

static bool keeps(int capability)
{
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		if (kept[i] == capability)
			return true;
	return false;
}

bool root_enter(void)
{
	if (user_namespace < 0)
		return true;
	if (setns(user_namespace, CLONE_NEWUSER) || setns(mount_namespace, CLONE_NEWNS))
		return false;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};
	/* The first number that the kernel does not know ends the list. */
	for (int number = 0; prctl(PR_CAPBSET_READ, number) >= 0; number++) {
		if (!keeps(number)) {
			if (prctl(PR_CAPBSET_DROP, number))
				return false;
			continue;
		}
		data[number / 32].effective |= 1u << number % 32;
		data[number / 32].permitted |= 1u << number % 32;
	}
	return !syscall(SYS_capset, &header, data);
}
