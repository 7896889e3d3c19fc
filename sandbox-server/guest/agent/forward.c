/*
 * Ways between TCP ports of the sandbox and unix sockets of the server. What is said there is for a child process, one a way: the learner may
 * fill, stall or kill it without touching the agent. It is started when there is something to be done, and ends when there has been nothing for a
 * while: most sandboxes never need one. Meanwhile the agent holds what shows that, and reads nothing of it.
 *
 * A forward listens at 127.0.0.1:PORT; who connects there is connected to the server. A dialler goes the other way (protocol §1, "lines"):
 * it keeps one connection to the server that waits, until the server says on it which port of the sandbox it wants; then it makes the next.
 */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PAIRS = 64, PIPE_BYTES = 64 << 10, RETRY = 200, RESTART = 1000, QUIET = 5000, DECIDED = 200 };

struct forward {
	uint16_t port;                 /* 0: a dialler */
	struct sockaddr_un to;
	int fd;                        /* listens; of a dialler the line, which is the child's when there is one. -1: none */
	int64_t fd_at;                 /* made no earlier */
	pid_t pid;                     /* 0: no child */
	int64_t start_at;              /* not started earlier */
};
static struct forward forwards[MAX_FORWARDS];
static int forwards_used;

/* One direction. Bytes wait in [at, used). */
struct way { int from, to; bool over, shut; size_t at, used; uint8_t bytes[PIPE_BYTES]; };
struct pair { bool open; int client, server; struct way up, down; };
static struct pair pairs[PAIRS];

static bool add(uint16_t port, const char *path)
{
	struct forward *f = &forwards[forwards_used];
	if (forwards_used == MAX_FORWARDS || strlen(path) >= sizeof f->to.sun_path)
		return false;
	f->port = port;
	f->to.sun_family = AF_UNIX;
	strcpy(f->to.sun_path, path);
	f->fd = -1;
	forwards_used++;
	return true;
}

bool forward_add(const char *argument)
{
	char *after;
	long port = strtol(argument, &after, 10);
	return port >= 1 && port <= 65535 && *after == ':' && add((uint16_t)port, after + 1);
}

bool dial_add(const char *path)
{
	return add(0, path);
}

static struct pair *pair_that_is(bool open)
{
	for (int i = 0; i < PAIRS; i++)
		if (pairs[i].open == open)
			return &pairs[i];
	return NULL;
}

/* @returns a connection to the server; -1: there is none to be had */
static int to_server(const struct sockaddr_un *to)
{
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (server >= 0 && !connect(server, (const struct sockaddr *)to, sizeof *to))
		return server;
	if (server >= 0)
		close(server);
	return -1;
}

static void join(struct pair *p, int client, int server)
{
	p->open = true;
	p->client = client;
	p->server = server;
	p->up.from = p->down.to = client;
	p->up.to = p->down.from = server;
	p->up.over = p->up.shut = p->down.over = p->down.shut = false;
	p->up.at = p->up.used = p->down.at = p->down.used = 0;
}

static void accept_pair(int listener, const struct sockaddr_un *to)
{
	int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (client < 0)
		return;
	struct pair *p = pair_that_is(false);
	int server = p ? to_server(to) : -1;
	if (server < 0)
		close(client); /* as when nobody listens: the client says so */
	else
		join(p, client, server);
}

/* @returns a connection, or one that is under way because its listener is slow to take it: what comes of it shows; -1: errno says why */
static int try_port(const struct sockaddr *at, socklen_t length)
{
	int client = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error = 0;
	if (client < 0)
		return -1;
	if (!connect(client, at, length))
		return client;
	error = errno;
	if (error == EINPROGRESS) {
		/* On one machine it is decided at once. */
		struct pollfd decided = {.fd = client, .events = POLLOUT};
		socklen_t size = sizeof error;
		if (poll(&decided, 1, DECIDED) <= 0 || (!getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size) && !error))
			return client;
	}
	close(client);
	errno = error;
	return -1;
}

/* At the address of the two where somebody listens. @returns -1: errno says why */
static int to_port(uint16_t port)
{
	const struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int client = try_port((const struct sockaddr *)&v4, sizeof v4), error = errno;
	if (client < 0)
		client = try_port((const struct sockaddr *)&v6, sizeof v6);
	errno = error; /* without IPv6 the second says nothing worth telling */
	return client;
}

/* The connection that waits for the server to name a port; -1: there is none. */
static struct { int fd; uint8_t asked[2]; size_t got; } line = {.fd = -1};

/* The port has been named: from now on the line is a connection to it, or over. What it says first is 0, or why not (an errno). */
static void dial(struct pair *p)
{
	int client = to_port((uint16_t)(line.asked[0] | line.asked[1] << 8));
	uint8_t said = client < 0 ? (uint8_t)(errno > 255 ? 255 : errno) : 0;
	if (send(line.fd, &said, 1, MSG_NOSIGNAL) == 1 && client >= 0) {
		join(p, client, line.fd);
	} else {
		close(line.fd);
		if (client >= 0)
			close(client);
	}
	line.fd = -1;
}

/* Something has come on the line, or it has ended. @returns false: the next is not to be made at once */
static bool line_heard(void)
{
	ssize_t got = recv(line.fd, line.asked + line.got, sizeof line.asked - line.got, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got <= 0) {
		close(line.fd);
		line.fd = -1;
		return false;
	}
	line.got += (size_t)got;
	struct pair *p = line.got == sizeof line.asked ? pair_that_is(false) : NULL;
	if (p)
		dial(p); /* a line is made only while there is a free pair, and nothing else takes one */
	return true;
}

/* Moves bytes one way; false when the pair is broken. */
static bool move(struct way *w)
{
	if (!w->over && w->used < PIPE_BYTES) {
		ssize_t got = recv(w->from, w->bytes + w->used, PIPE_BYTES - w->used, 0);
		if (got > 0)
			w->used += (size_t)got;
		else if (!got)
			w->over = true;
		else if (errno != EAGAIN && errno != EINTR)
			return false;
	}
	if (w->at < w->used) {
		ssize_t sent = send(w->to, w->bytes + w->at, w->used - w->at, MSG_NOSIGNAL);
		if (sent > 0)
			w->at += (size_t)sent;
		else if (errno != EAGAIN && errno != EINTR)
			return false;
	}
	if (w->at == w->used) {
		w->at = w->used = 0;
		if (w->over && !w->shut) {
			shutdown(w->to, SHUT_WR);
			w->shut = true;
		}
	}
	return true;
}

static short wants(const struct way *reads, const struct way *writes)
{
	return (short)((!reads->over && reads->used < PIPE_BYTES ? POLLIN : 0) | (writes->at < writes->used ? POLLOUT : 0));
}

static int listen_at(uint16_t port)
{
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (listener >= 0 && !bind(listener, (struct sockaddr *)&at, sizeof at) && !listen(listener, 64))
		return listener;
	if (listener >= 0)
		close(listener);
	return -1;
}

static void move_pairs(const struct pollfd *fds)
{
	for (int i = 0; i < PAIRS; i++) {
		struct pair *p = &pairs[i];
		short client = fds[2 * i].revents, server = fds[2 * i + 1].revents;
		if (!p->open || !(client || server))
			continue;
		/* All that the server said has been passed on, and it hears nothing any more: nobody is left for what the client may say yet. */
		bool left = p->down.shut && server & POLLHUP;
		if (left || !move(&p->up) || !move(&p->down) || (p->up.shut && p->down.shut)) {
			close(p->client);
			close(p->server);
			p->open = false;
		}
	}
}

static void poll_pairs(struct pollfd *fds)
{
	for (int i = 0; i < PAIRS; i++) {
		struct pair *p = &pairs[i];
		short client = p->open ? wants(&p->up, &p->down) : 0, server = p->open ? wants(&p->down, &p->up) : 0;
		fds[2 * i] = (struct pollfd){.fd = client ? p->client : -1, .events = client};
		/* Asked for nothing, it still says when it is gone as a whole; before its end has been passed on it would say so without a pause. */
		fds[2 * i + 1] = (struct pollfd){.fd = p->open && (server || p->down.shut) ? p->server : -1, .events = server};
	}
}

/* The child. */
static _Noreturn void serve(const struct forward *f)
{
	int64_t line_at = 0;
	if (!f->port)
		line.fd = f->fd;
	for (;;) {
		struct pollfd fds[1 + 2 * PAIRS];
		int timeout = pair_that_is(true) ? -1 : QUIET;
		if (!f->port && line.fd < 0 && pair_that_is(false)) {
			line.got = 0;
			int64_t now = now_ms();
			line.fd = line_at <= now ? to_server(&f->to) : -1;
			if (line.fd < 0 && line_at <= now)
				line_at = now + RETRY;
			if (line.fd < 0)
				timeout = (int)(line_at - now);
		}
		fds[0] = (struct pollfd){.fd = f->port ? f->fd : line.fd, .events = POLLIN};
		poll_pairs(fds + 1);
		int ready = poll(fds, 1 + 2 * PAIRS, timeout);
		if (!ready && !pair_that_is(true))
			_exit(0);
		if (ready < 0)
			continue;
		move_pairs(fds + 1);
		if (!fds[0].revents)
			continue;
		if (f->port)
			accept_pair(f->fd, &f->to);
		else if (!line_heard())
			line_at = now_ms() + RETRY;
	}
}

static void drop(struct forward *f)
{
	close(f->fd);
	f->fd = -1;
}

static void start(struct forward *f, int64_t now)
{
	pid_t pid = fork();
	if (pid == 0) {
		/* Stays not dumpable, as the agent is. Ends with it. */
		child_settle(&f->fd, 1);
		signal(SIGPIPE, SIG_IGN);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, f->port ? "agent-forward" : "agent-dial");
		setsid();
		serve(f);
	}
	/* Whether it is killed again and again, or no process is to be had. */
	f->start_at = now + RESTART;
	if (pid < 0)
		return;
	f->pid = pid;
	if (!f->port)
		drop(f);
}

int forward_poll(struct pollfd *fds)
{
	int64_t now = now_ms();
	for (int i = 0; i < forwards_used; i++) {
		struct forward *f = &forwards[i];
		if (!f->pid && f->start_at > now)
			wake_at(f->start_at);
		fds[i] = (struct pollfd){.fd = f->pid || f->start_at > now ? -1 : f->fd, .events = POLLIN};
	}
	return forwards_used;
}

void forward_polled(const struct pollfd *fds)
{
	int64_t now = now_ms();
	for (int i = 0; i < forwards_used; i++) {
		if (fds[i].revents & (POLLHUP | POLLERR)) {
			drop(&forwards[i]); /* the server has left */
			forwards[i].fd_at = now + RETRY;
		} else if (fds[i].revents) {
			start(&forwards[i], now);
		}
	}
}

bool forward_reaped(pid_t pid)
{
	for (int i = 0; i < forwards_used; i++) {
		if (forwards[i].pid != pid)
			continue;
		forwards[i].pid = 0;
		return true;
	}
	return false;
}

void forward_tick(int64_t now)
{
	for (int i = 0; i < forwards_used; i++) {
		struct forward *f = &forwards[i];
		if (f->pid || f->fd >= 0)
			continue;
		if (f->fd_at <= now) {
			f->fd = f->port ? listen_at(f->port) : to_server(&f->to);
			f->fd_at = now + RETRY;
		}
		if (f->fd < 0)
			wake_at(f->fd_at);
	}
}

void forward_end_all(void)
{
	for (int i = 0; i < forwards_used; i++)
		if (forwards[i].pid)
			kill(forwards[i].pid, SIGKILL);
}
