/*
 * 127.0.0.1:PORT → unix socket, one child process per forward: the learner may fill, stall or kill it without touching the holder,
 * which starts it again.
 */
#include "holder.h"

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

enum { PAIRS = 64, PIPE_BYTES = 64 << 10, BACKOFF_FIRST = 100, BACKOFF_MAX = 5000 };

struct forward {
	uint16_t port;
	struct sockaddr_un to;
	pid_t pid;
	int64_t start_at, started;
	int backoff;
};
static struct forward forwards[MAX_FORWARDS];
static int forwards_used;

/* One direction. Bytes wait in [at, used). */
struct way { int from, to; bool over, shut; size_t at, used; uint8_t bytes[PIPE_BYTES]; };
struct pair { bool open; int client, server; struct way up, down; };
static struct pair pairs[PAIRS];

bool forward_add(const char *argument)
{
	char *after;
	long port = strtol(argument, &after, 10);
	struct forward *f = &forwards[forwards_used];
	if (forwards_used == MAX_FORWARDS || port < 1 || port > 65535 || *after != ':' || strlen(after + 1) >= sizeof f->to.sun_path)
		return false;
	f->port = (uint16_t)port;
	f->to.sun_family = AF_UNIX;
	strcpy(f->to.sun_path, after + 1);
	f->backoff = BACKOFF_FIRST;
	forwards_used++;
	return true;
}

static void accept_pair(int listener, const struct sockaddr_un *to)
{
	int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (client < 0)
		return;
	struct pair *p = NULL;
	for (int i = 0; i < PAIRS && !p; i++)
		if (!pairs[i].open)
			p = &pairs[i];
	int server = p ? socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
	if (server < 0 || connect(server, (const struct sockaddr *)to, sizeof *to)) {
		if (server >= 0)
			close(server);
		close(client); /* as when nobody listens: the client says so */
		return;
	}
	p->open = true;
	p->client = client;
	p->server = server;
	p->up.from = p->down.to = client;
	p->up.to = p->down.from = server;
	p->up.over = p->up.shut = p->down.over = p->down.shut = false;
	p->up.at = p->up.used = p->down.at = p->down.used = 0;
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

static _Noreturn void serve(const struct forward *f)
{
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(f->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 64))
		_exit(1); /* port taken by the learner: tried again later */
	for (;;) {
		struct pollfd fds[1 + 2 * PAIRS];
		fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
		for (int i = 0; i < PAIRS; i++) {
			struct pair *p = &pairs[i];
			short client = p->open ? wants(&p->up, &p->down) : 0, server = p->open ? wants(&p->down, &p->up) : 0;
			fds[1 + 2 * i] = (struct pollfd){.fd = client ? p->client : -1, .events = client};
			fds[2 + 2 * i] = (struct pollfd){.fd = server ? p->server : -1, .events = server};
		}
		if (poll(fds, 1 + 2 * PAIRS, -1) < 0)
			continue;
		for (int i = 0; i < PAIRS; i++) {
			struct pair *p = &pairs[i];
			if (!p->open || !(fds[1 + 2 * i].revents || fds[2 + 2 * i].revents))
				continue;
			if (!move(&p->up) || !move(&p->down) || (p->up.shut && p->down.shut)) {
				close(p->client);
				close(p->server);
				p->open = false;
			}
		}
		if (fds[0].revents)
			accept_pair(listener, &f->to);
	}
}

static void start(struct forward *f, int64_t now)
{
	f->started = now;
	f->pid = fork();
	if (f->pid == 0) {
		/* Stays not dumpable, as the holder is. Ends with it. */
		child_settle(NULL, 0);
		signal(SIGPIPE, SIG_IGN);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "holder-forward");
		setsid();
		serve(f);
	}
	if (f->pid < 0)
		f->pid = 0;
}

static void again(struct forward *f, int64_t now)
{
	if (now - f->started > 2 * BACKOFF_MAX)
		f->backoff = BACKOFF_FIRST;
	f->start_at = now + f->backoff;
	f->backoff = f->backoff * 2 > BACKOFF_MAX ? BACKOFF_MAX : f->backoff * 2;
}

bool forward_reaped(pid_t pid)
{
	for (int i = 0; i < forwards_used; i++) {
		if (forwards[i].pid != pid)
			continue;
		forwards[i].pid = 0;
		again(&forwards[i], now_ms());
		return true;
	}
	return false;
}

void forward_tick(int64_t now)
{
	for (int i = 0; i < forwards_used; i++) {
		struct forward *f = &forwards[i];
		if (f->pid)
			continue;
		if (f->start_at <= now) {
			start(f, now);
			if (!f->pid)
				again(f, now); /* no process to be had */
		}
		if (!f->pid)
			wake_at(f->start_at);
	}
}

void forward_end_all(void)
{
	for (int i = 0; i < forwards_used; i++)
		if (forwards[i].pid)
			kill(forwards[i].pid, SIGKILL);
}
