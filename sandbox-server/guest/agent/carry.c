/*
 * agent --carry FILE: makes a container for somebody who is not root, beside the server. FILE says what it is, one step a line, its words
 * with tabs between (runtimes/rootless/steps.ts writes it). One user of the machine is one user in it: the kernel lets nobody have more who has
 * not been given them. Ends when the container's main process has begun, after its number stands in a file; says what failed otherwise.
 * (Over 400 lines: one step of the file after the other, each a short function.)
 */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_STEPS = 512, MAX_WORDS = 5, MAX_BYTES = 256 * 1024, MAX_RULES = 4096 };

struct step {
	char *word[MAX_WORDS];
	int fd; /* what it takes from the machine, opened before the root is another */
};

static struct step steps[MAX_STEPS];
static int count;
static char *arguments[MAX_STEPS], *environment[MAX_STEPS];
static struct sock_filter rules[MAX_RULES];
static struct sock_fprog filter = {.filter = rules};
/* Where what has failed is said; closed by the start of the main process, which says that nothing has. */
static int report;

static _Noreturn void give_up(const char *format, ...)
{
	char text[512];
	int error = errno;
	va_list list;
	va_start(list, format);
	int length = vsnprintf(text, sizeof text, format, list);
	va_end(list);
	if (length > 0 && (size_t)length < sizeof text && error)
		snprintf(text + length, sizeof text - (size_t)length, ": %s", strerror(error));
	ssize_t wrote = write(report, text, strlen(text));
	(void)wrote; /* nobody listens any more */
	_exit(1);
}

static bool is(const struct step *step, const char *what)
{
	return !strcmp(step->word[0], what);
}

/* The first step of that name; NULL: there is none. */
static struct step *find(const char *what)
{
	for (int i = 0; i < count; i++)
		if (is(&steps[i], what))
			return &steps[i];
	return NULL;
}

static struct step *need(const char *what)
{
	struct step *found = find(what);
	errno = 0;
	if (!found)
		give_up("the steps say nothing of \"%s\"", what);
	return found;
}

/* A tab, a line break and a backslash within a word. */
static char *plain(char *word)
{
	char *to = word;
	for (const char *from = word; *from; from++) {
		if (*from == '\\' && from[1]) {
			from++;
			*to++ = *from == 't' ? '\t' : *from == 'n' ? '\n' : *from;
		} else {
			*to++ = *from;
		}
	}
	*to = 0;
	return word;
}

static void read_steps(const char *path)
{
	static char text[MAX_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got, used = 0;
	while (fd >= 0 && (got = read(fd, text + used, sizeof text - 1 - (size_t)used)) > 0)
		used += got;
	if (fd < 0)
		give_up("cannot read %s", path);
	close(fd);
	errno = E2BIG;
	for (char *line = text, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end || count == MAX_STEPS)
			give_up("%s is too long, or not whole", path);
		*end = 0;
		for (int i = 0; i < MAX_WORDS; i++)
			steps[count].word[i] = line ? plain(strsep(&line, "\t")) : "";
		steps[count++].fd = -1;
	}
}

/* What the machine has: looked up now, when paths still mean what they mean there. */
static void open_all(void)
{
	int argument = 0, variable = 0;
	for (int i = 0; i < count; i++) {
		struct step *step = &steps[i];
		if (is(step, "bind") || is(step, "device")) {
			step->fd = open(step->word[1], O_PATH | O_CLOEXEC);
			if (step->fd < 0)
				give_up("cannot open %s", step->word[1]);
		} else if (is(step, "filter")) {
			int fd = open(step->word[1], O_RDONLY | O_CLOEXEC);
			ssize_t got = fd < 0 ? -1 : read(fd, rules, sizeof rules);
			if (got <= 0 || got % (ssize_t)sizeof *rules)
				give_up("cannot read %s", step->word[1]);
			close(fd);
			filter.len = (unsigned short)((size_t)got / sizeof *rules);
		} else if (is(step, "argument")) {
			arguments[argument++] = step->word[1];
		} else if (is(step, "environment")) {
			environment[variable++] = step->word[1];
		}
	}
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		give_up("cannot write %s", path);
	close(fd);
}

/* Where it is refused, what is there stays: below what systemd has set for a user's programs nobody gets without a right. */
static void offer(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t wrote = fd < 0 ? -1 : write(fd, text, strlen(text));
	(void)wrote;
	if (fd >= 0)
		close(fd);
}

/* One of the container for the one that we are. */
static void make_namespaces(void)
{
	struct step *user = need("user");
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int others = CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	if (!find("machine-network"))
		others |= CLONE_NEWNET;
	if (unshare(CLONE_NEWUSER))
		give_up("the kernel gives no user namespace");
	snprintf(map, sizeof map, "%s %u 1", user->word[1], (unsigned)uid);
	put("/proc/self/uid_map", map);
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "%s %u 1", user->word[2], (unsigned)gid);
	put("/proc/self/gid_map", map);
	if (unshare(others))
		give_up("the kernel gives no namespaces to a user namespace");
}

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request))
		give_up("there is no loopback interface");
	request.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		give_up("the loopback interface does not come up");
	close(fd);
}

static unsigned long flags_of(const char *words)
{
	static const struct { const char *word; unsigned long flag; } known[] = {
	    {"ro", MS_RDONLY}, {"nosuid", MS_NOSUID}, {"nodev", MS_NODEV}, {"noexec", MS_NOEXEC}};
	unsigned long flags = 0;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strstr(words, known[i].word))
			flags |= known[i].flag;
	return flags;
}

/* Flags of a mount that is there: those that came with it from the machine may not be taken off. */
static unsigned long flags_there(const char *path)
{
	static const struct { unsigned long said, flag; } known[] = {
	    {ST_RDONLY, MS_RDONLY}, {ST_NOSUID, MS_NOSUID}, {ST_NODEV, MS_NODEV}, {ST_NOEXEC, MS_NOEXEC},
	    {ST_NOATIME, MS_NOATIME}, {ST_NODIRATIME, MS_NODIRATIME}, {ST_RELATIME, MS_RELATIME}};
	struct statvfs there;
	unsigned long flags = 0;
	if (statvfs(path, &there))
		give_up("cannot look at %s", path);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (there.f_flag & known[i].said)
			flags |= known[i].flag;
	return flags;
}

static void restrict_mount(const char *path, unsigned long flags)
{
	if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags | flags_there(path), NULL))
		give_up("cannot restrict %s", path);
}

/* An image's link may lead anywhere, and over "/.." to the machine, whose root is still there. */
static void refuse_links(const char *path)
{
	char part[PATH_MAX];
	struct stat found;
	for (const char *end = path; end && *end;) {
		end = strchr(end + 1, '/');
		snprintf(part, sizeof part, "%.*s", (int)(end ? end - path : (ptrdiff_t)strlen(path)), path);
		errno = 0;
		if (!lstat(part, &found) && S_ISLNK(found.st_mode))
			give_up("the image has a link at %s, where something of the container's own comes: make it a folder or a file", part);
	}
}

/* A place to mount at, in the container's own root. */
static void make_place(const char *path, bool folder)
{
	char above[PATH_MAX];
	refuse_links(path);
	snprintf(above, sizeof above, "%s", path);
	char *last = strrchr(above, '/');
	if (last && last != above) {
		*last = 0;
		make_folder(above);
	}
	if (folder) {
		mkdir(path, 0755);
		return;
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0)
		close(fd);
}

static void bind_here(const struct step *step, unsigned long flags)
{
	char source[48];
	struct stat found;
	const char *to = step->word[2];
	if (fstat(step->fd, &found))
		give_up("cannot look at %s", step->word[1]);
	make_place(to, S_ISDIR(found.st_mode));
	snprintf(source, sizeof source, "/proc/self/fd/%d", step->fd);
	if (mount(source, to, NULL, MS_BIND, NULL))
		give_up("cannot mount %s at %s", step->word[1], to);
	restrict_mount(to, flags);
}

static void mount_here(const struct step *step)
{
	const char *type = step->word[1], *at = step->word[2];
	make_place(at, true);
	/* On a machine that hides parts of its own /sys, such as a container, none can be had: a program or two will miss it. */
	if (mount(type, at, type, flags_of(step->word[3]), step->word[4][0] ? step->word[4] : NULL) && strcmp(type, "sysfs"))
		give_up("cannot mount %s at %s", type, at);
}

/* What is there can be seen no more: by nothing to read, or an empty folder. One that is not there needs no cover. */
static void cover(const char *path)
{
	struct stat found;
	if (stat(path, &found))
		return;
	if (S_ISDIR(found.st_mode) ? mount("tmpfs", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "nr_inodes=1")
				   : mount("/dev/null", path, NULL, MS_BIND, NULL))
		give_up("cannot cover %s", path);
}

static void make_link(const char *to, const char *path)
{
	if (symlink(to, path) && errno != EEXIST)
		give_up("cannot make the link %s", path);
}

static void take(const struct step *step)
{
	const char *word = step->word[1];
	if (is(step, "mount"))
		mount_here(step);
	else if (is(step, "bind"))
		bind_here(step, MS_NOSUID | MS_NODEV | flags_of(step->word[3]));
	else if (is(step, "device"))
		bind_here(step, MS_NOSUID | MS_NOEXEC);
	else if (is(step, "link"))
		make_link(word, step->word[2]);
	else if (is(step, "cover"))
		cover(word);
	else if (is(step, "restrict"))
		restrict_mount(word, flags_of(step->word[2]));
	else if (is(step, "put"))
		put(word, step->word[2]);
}

/* The image's folder becomes the root; what is to be seen of the machine comes into it; then the machine's own root goes. */
static void make_root(void)
{
	struct step *root = need("root");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		give_up("cannot make mounts private");
	if (mount(root->word[1], root->word[1], NULL, MS_BIND, NULL) || chdir(root->word[1]) || syscall(SYS_pivot_root, ".", "."))
		give_up("%s cannot become the root", root->word[1]);
	for (int i = 0; i < count; i++)
		take(&steps[i]);
	if (umount2(".", MNT_DETACH) || chdir("/"))
		give_up("cannot leave the machine's own root");
	restrict_mount("/", flags_of(root->word[2]));
}

static void give_rights_up(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		give_up("cannot forbid new privileges");
	if (!find("root-inside")) {
		for (int number = 0; prctl(PR_CAPBSET_READ, number) >= 0; number++)
			if (prctl(PR_CAPBSET_DROP, number))
				give_up("cannot drop a capability");
		if (syscall(SYS_capset, &header, none))
			give_up("cannot drop capabilities");
	}
	if (filter.len && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		give_up("the kernel does not take the filter of system calls");
}

static void limit(const struct step *step)
{
	struct rlimit now, wanted = {.rlim_cur = strtoull(step->word[2], NULL, 10), .rlim_max = strtoull(step->word[3], NULL, 10)};
	int resource = atoi(step->word[1]);
	/* Nobody can give more than one has. */
	if (!getrlimit((__rlimit_resource_t)resource, &now) && now.rlim_max < wanted.rlim_max)
		wanted.rlim_max = now.rlim_max;
	if (wanted.rlim_cur > wanted.rlim_max)
		wanted.rlim_cur = wanted.rlim_max;
	if (setrlimit((__rlimit_resource_t)resource, &wanted))
		give_up("cannot set the limit %s", step->word[1]);
}

/* Process 1 of the new namespaces. */
static _Noreturn void become_main(int go)
{
	char byte;
	struct step *in = need("in"), *name = need("name"), *oom = find("oom");
	setsid();
	umask(022);
	/* Its own, and not its maker's as well: whose root would become another with it. Of another namespace nothing could be mounted. */
	if (unshare(CLONE_NEWNS))
		give_up("the kernel gives no namespace of mounts");
	/* One that is waited for ends with who waits: who has gone by now says no "go". */
	if (find("keeps-output") && prctl(PR_SET_PDEATHSIG, SIGKILL))
		give_up("cannot be bound to its maker");
	open_all();
	if (sethostname(name->word[1], strlen(name->word[1])))
		give_up("cannot set the name");
	if (!find("machine-network"))
		loopback_up();
	make_root();
	/* The container's own: one of the machine's would be a file of a mount that is not there any more. */
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (oom)
		offer("/proc/self/oom_score_adj", oom->word[1]);
	/* A server's keys are nobody else's. A kernel without keys has none to give. */
	syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL);
	if (chdir(in->word[1]))
		give_up("cannot go to %s", in->word[1]);
	for (int i = 0; i < count; i++)
		if (is(&steps[i], "limit"))
			limit(&steps[i]);
	/* Its number stands in the file before anything of it runs. */
	if (read(go, &byte, 1) != 1)
		_exit(1);
	if (!find("keeps-output") && (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0))
		give_up("cannot close what is open");
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int fd = 3; fd < 1024; fd++)
		if (fd != report)
			close(fd);
	errno = EINVAL;
	if (!arguments[0])
		give_up("there is no command");
	/* One that is waited for ends with who waits. */
	if (find("keeps-output"))
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	give_rights_up();
	execve(arguments[0], arguments, environment);
	give_up("cannot start %s", arguments[0]);
}

/* When it started, as /proc has it; a word of digits. */
static void start_of(pid_t pid, char *word, size_t size)
{
	char path[48], text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (length <= 0)
		give_up("cannot look at the new process");
	close(fd);
	text[length] = 0;
	/* Its name, in parentheses, may hold anything; the state after it is the third field. */
	char *at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	snprintf(word, size, "%.*s", at ? (int)strcspn(at + 1, " ") : 0, at ? at + 1 : "");
}

static void write_pid(const char *path, pid_t pid)
{
	char text[64], start[32];
	start_of(pid, start, sizeof start);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int length = snprintf(text, sizeof text, "%d %s\n", pid, start);
	if (fd < 0 || write(fd, text, (size_t)length) != length)
		give_up("cannot write %s", path);
	close(fd);
}

int carry(const char *path)
{
	int told[2], go[2], status = 0;
	char text[512];
	ssize_t got, used = 0;
	report = 2;
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	read_steps(path);
	struct step *pid_file = find("pid-file");
	if (pipe2(told, O_CLOEXEC) || pipe2(go, O_CLOEXEC))
		give_up("no pipe");
	pid_t maker = getppid();
	make_namespaces();
	/* After the new rights, which would take it away. */
	if (find("keeps-output") && (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != maker))
		_exit(1);
	pid_t pid = fork();
	if (pid < 0)
		give_up("no process");
	if (pid == 0) {
		report = told[1];
		close(told[0]);
		close(go[1]);
		become_main(go[0]);
	}
	close(told[1]);
	if (pid_file)
		write_pid(pid_file->word[1], pid);
	/* It may have failed by now: then nobody reads this. */
	signal(SIGPIPE, SIG_IGN);
	got = write(go[1], "", 1);
	while ((got = read(told[0], text + used, sizeof text - 1 - (size_t)used)) > 0)
		used += got;
	if (used > 0) {
		text[used] = 0;
		fprintf(stderr, "%s\n", text);
		return 1;
	}
	if (!find("keeps-output"))
		return 0;
	/* One that is waited for, such as a step of a build. */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
