/*
 * The agent: main process of a sandbox. It owns the pseudo-terminals, so a shell outlives the server.
 * docs/protocol.md §1 is its contract. One thread, one poll loop, nothing allocated without a bound.
 *
 * Who may hurt it: the learner runs programs as the same user; the server may be anything that can write to the socket.
 * Neither may make it end, grow or stall.
 */
#ifndef AGENT_H
#define AGENT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	PROTOCOL_VERSION = 2,
	MAX_FRAME = 1 << 20,           /* type and body, bytes (protocol) */
	MAX_TERMINALS = 16,            /* protocol */
	MAX_STREAMS = 256,             /* viewers of all terminals together; a page shows at most four */
	MAX_RUNS = 8,                  /* protocol */
	MAX_MOUNTS = 8,
	MAX_FORWARDS = 4,
	MAX_KEY = 256,                 /* bytes of a terminal's key: 16 of them must fit into HELLO */
	MAX_ARGS = 128,                /* of a shell; a longer list is refused with E2BIG */
	MAX_ENV = 512,
	GIVE_BYTES = 4096,             /* what a waiting shell is given: PIPE_BUF, so that it has all of it or nothing */
#ifdef FUZZ /* small, so that few bytes reach every edge */
	RING_BYTES = 8 << 10, RING_EVENTS = 16, PACE_BYTES = 2 << 10, INPUT_BYTES = 1 << 10, READ_BYTES = 1 << 10, BOUNDARY_SEARCH = 1 << 10,
#else
	RING_BYTES = 4 << 20,          /* protocol */
	RING_EVENTS = 4096,            /* resizes kept in a ring: two minutes of dragging a window's edge */
	PACE_BYTES = 256 << 10,        /* how far a pacing stream may be behind (protocol) */
	INPUT_BYTES = 8 << 20,         /* typed or pasted ahead of a program that does not read; what exceeds is dropped */
	READ_BYTES = 64 << 10,         /* read at once from a terminal or a pipe */
	BOUNDARY_SEARCH = 64 << 10,    /* a ring that would start inside a sequence starts after it; one longer than this (an image) is cut */
#endif
	MAX_CREDIT = 16 << 20,         /* protocol */
	MAX_STDIN = 16 << 20,          /* protocol */
	MAX_RUN_OUTPUT = 1 << 30,      /* protocol; it passes through and is not kept */
	OUT_HIGH = 256 << 10,          /* bytes waiting for the server above which no more output is made */
	OUT_STOP = 512 << 10,          /* … above which no request of the server is read: each may cause an answer */
	OUT_BYTES = 2 << 20,
};

/* Frame types, protocol §1. */
enum {
	HELLO = 0x01, OPENED, OUTPUT, RESIZED, LIVE, GAP, EXITED, RAN, RUN_OUTPUT, VITALS, PREAMBLE, ERROR = 0x0f,
	OPEN = 0x81, ATTACH, DETACH, CREDIT, PACE, INPUT, RESIZE, CLOSE, RUN, RUN_STDIN, RUN_GO, CANCEL, VITALS_EVERY, SHUTDOWN, OPEN_AHEAD, GIVE,
};

enum { RAN_EXITED, RAN_SIGNAL, RAN_TIME, RAN_NOT_STARTED, RAN_OUTPUT, RAN_CANCELLED };

/* ---- watch.c: tells of the ends of processes (--watch-ends); the exit status ---- */
int watch_ends(void);

/* ---- carry.c: --carry; makes a container for somebody who is not root */
int carry(const char *steps);

/* ---- main.c: milliseconds of a clock that never goes back ---- */
int64_t now_ms(void);
/* The loop wakes up no later than at this time. */
void wake_at(int64_t at);

/* ---- limits.c ---- */
/* NAME=SOFT:HARD, for this process and what it starts; false, and a sentence on standard error, when that cannot be. */
bool limit_set(const char *text);

/* ---- root.c: shells and scripts that are root of namespaces of their own ---- */
/* Makes the namespaces; `system`: folder with the files of the system to be. Before any other process is there. */
bool root_begin(const char *system);
/* In a child, before it closes anything: joins them. True also when there are none; false: errno says why. */
bool root_enter(void);

/* ---- frames.c: reading and writing of frames ---- */
struct reader {
	uint8_t *at, *end;
	bool bad; /* set for good by the first read past the end */
};
uint8_t read_u8(struct reader *r);
uint16_t read_u16(struct reader *r);
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);
/* A str, ended by NUL in place (over its own length), valid as long as the frame; "" and bad when it holds a NUL. */
char *read_str(struct reader *r);
/* A list of str into list[0 … max-1], ended by NULL; returns the count, or -1 when it is longer (the frame is read on). */
int read_list(struct reader *r, char **list, int max);

/* Output to the server. A frame that does not fit breaks the connection; out_room() keeps that from happening. */
void out_reset(void);
size_t out_used(void);
bool out_broken(void);
void out_begin(uint8_t type);
void out_u8(uint8_t value);
void out_u16(uint16_t value);
void out_u32(uint32_t value);
void out_u64(uint64_t value);
void out_bytes(const void *bytes, size_t length);
void out_str(const char *text);
void out_end(void);
/* What waits to be written; out_took() says how much of it was. */
const uint8_t *out_pending(size_t *length);
void out_took(size_t length);
void out_error(uint32_t id, uint8_t request, int error, const char *text);

/* ---- modes.c: the state that output leaves a terminal in ---- */
struct attributes {
	uint16_t flags;                /* one bit per attribute, see modes.c */
	uint8_t underline;             /* 0 none, 1 … 5 style */
	uint32_t fg, bg, line;         /* 0 default; 1<<24 | palette; 2<<24 | rgb */
};
struct modes {
	uint8_t state, utf8_left, string;
	bool utf8_c2;                  /* the last byte was 0xc2: a C1 control may follow */
	char prefix, inter;
	uint8_t inters;
	int params_used;
	uint16_t params[32];
	bool colon[32];                /* this parameter belongs to the one before it */
	char title[256], osc[260];
	int osc_used, osc_number;
	uint32_t set;                  /* one bit per private mode, see modes.c */
	uint16_t mouse, mouse_encoding, alternate;
	bool keypad, insert, newline;
	uint8_t cursor_style;
	char charset[4];
	uint8_t gl;
	struct { uint16_t top, bottom; } region[2]; /* 0,0: whole screen; [1] is the alternate screen's */
	struct attributes now, saved[2];
	uint16_t rows;
};
void modes_reset(struct modes *m, uint16_t rows);
void modes_feed(struct modes *m, const uint8_t *bytes, size_t length);
void modes_resize(struct modes *m, uint16_t rows);
/* True between sequences and between characters: a fresh terminal can start here. */
bool modes_at_boundary(const struct modes *m);
/* The sequences that bring a fresh terminal here; returns their length, below 2048. */
enum { PREAMBLE_MAX = 2048 };
size_t modes_preamble(const struct modes *m, uint8_t *into);

/* ---- ring.c: output and resizes by absolute offset ---- */
struct resize_event { uint64_t offset; uint16_t cols, rows; };
struct ring {
	uint8_t *bytes;
	struct resize_event *events;   /* a ring of their own, by number */
	uint64_t start, end;           /* offsets */
	uint64_t events_start, events_end;
	uint16_t cols, rows;           /* at start */
	bool evicted;
	struct modes modes;            /* at start */
};
int ring_open(struct ring *r, uint16_t cols, uint16_t rows); /* 0 or errno */
void ring_close(struct ring *r);
/* Where the next bytes go (at most *room, at least READ_BYTES unless at the wrap); ring_wrote() takes them in and evicts. */
uint8_t *ring_space(struct ring *r, size_t *room);
void ring_wrote(struct ring *r, size_t length);
void ring_resize(struct ring *r, uint16_t cols, uint16_t rows);
/* Nothing has been written: as if it had been opened with this size. */
void ring_begin(struct ring *r, uint16_t cols, uint16_t rows);
const struct resize_event *ring_event(const struct ring *r, uint64_t number);
/* Contiguous bytes at an offset of the ring, at most `length`. */
const uint8_t *ring_at(const struct ring *r, uint64_t offset, size_t *length);

/* ---- terminal.c ---- */
struct terminal {
	bool used, alive, starting, closing, paused;
	uint32_t id;
	char key[MAX_KEY + 1];
	pid_t pid;
	int master, report;            /* report: the child writes errno here when it cannot start; -1 */
	int give;                      /* the shell waits for what is written here; -1 once it has it, or does not wait */
	uint8_t end_kind, end_code;
	uint16_t cols, rows;
	int64_t drain_until;           /* the shell has ended: reading what is left; 0 */
	int64_t kill_at;               /* CLOSE: SIGKILL then; 0 */
	int64_t quiet_until;           /* nobody has the terminal's other end open: look again then; 0 */
	uint8_t *input;
	size_t input_at, input_used;
	struct ring ring;
};
extern struct terminal terminals[MAX_TERMINALS];
struct terminal *terminal_find(uint32_t id);
/* `ahead`: the shell waits for terminal_give() before its first prompt. */
void terminal_open(struct reader *r, bool ahead);
void terminal_give(struct reader *r);
void terminal_input(uint32_t id, const uint8_t *bytes, size_t length);
void terminal_resize(uint32_t id, uint16_t cols, uint16_t rows);
void terminal_close(uint32_t id);
bool terminal_reaped(pid_t pid, int status);
void terminal_hello(void);
int terminal_poll(struct pollfd *fds);
void terminal_polled(const struct pollfd *fds);
void terminal_tick(int64_t now);
/* Everything is ended: first SIGHUP, later SIGKILL. */
void terminal_end_all(int signal);

/* ---- streams.c ---- */
void stream_attach(struct reader *r);
void stream_detach(uint32_t id);
void stream_credit(uint32_t id, uint32_t bytes);
void stream_pace(uint32_t id, bool pacing);
void stream_drop_all(void);
void stream_drop_terminal(const struct terminal *t);
/* A pacing stream of this terminal is too far behind: do not read it. */
bool stream_paused(const struct terminal *t);
/* Makes frames while credit and room allow; true when only the room has ended. */
bool stream_pump(void);

/* ---- run.c ---- */
void run_new(struct reader *r);
void run_stdin(uint32_t id, const uint8_t *bytes, size_t length);
void run_go(uint32_t id);
void run_cancel(uint32_t id);
/* A child has ended and is not reaped yet: the group of a script is killed while its number cannot be anyone else's. */
void run_ended(pid_t pid);
bool run_reaped(pid_t pid, int status);
void run_drop_all(void);
int run_poll(struct pollfd *fds);
void run_polled(const struct pollfd *fds);
void run_tick(int64_t now);

/* ---- spawn.c: everything that makes or signals processes (the fuzzers put a fake in its place) ---- */
struct spawned { pid_t pid; int report, master, give, out, err; };
struct shell { char **argv, **env; const char *cwd; uint16_t cols, rows; bool ahead; };
/* `ahead`: the shell has the reading end of a pipe as WAIT_FD, s->give is the other one. */
enum { WAIT_FD = 3 };
void settle_memory_order(void); /* before /proc/self is closed to us */
int spawn_shell(struct spawned *s, const struct shell *shell); /* 0 or errno */
int spawn_script(struct spawned *s, int script, int input, char **env, const char *cwd); /* 0 or errno */
void signal_group(pid_t group, int signal);
void kill_leader(pid_t leader); /* not reaped yet, with its group if it has made one */
bool group_alive(pid_t group);
/* Every process of the session, whatever group it has moved to. */
void signal_session(pid_t session, int signal);
/* What every child does before it runs foreign code. Async-signal-safe. `keep` is left open, others are closed. */
void child_settle(const int *keep, int count);
int set_size(int master, uint16_t cols, uint16_t rows);
/* What has been typed and not been read yet is gone. */
void forget_typed(int master);
/* With those above it. What cannot be made is missed by whoever goes there. */
void make_folder(const char *path);

/* ---- vitals.c ---- */
extern const char *mounts[MAX_MOUNTS];
extern int mounts_used;
void vitals_every(uint32_t ms);
void vitals_tick(int64_t now);

/* ---- forward.c ---- */
bool forward_add(const char *argument); /* PORT:SOCKETPATH */
bool dial_add(const char *path);        /* of the socket */
int forward_poll(struct pollfd *fds);
void forward_polled(const struct pollfd *fds);
bool forward_reaped(pid_t pid);
void forward_tick(int64_t now);
void forward_end_all(void);

/* ---- requests.c ---- */
/* One frame's body; false when it is malformed. */
bool request(uint8_t type, struct reader *r);
extern uint64_t boot;
extern bool shutting_down;
void send_hello(void);

/* ---- incoming.c: what has arrived from the server and is not answered yet ---- */
void in_reset(void);
/* Where arriving bytes go, and how many have come. */
uint8_t *in_space(size_t *room);
void in_got(size_t length);
/* Answers the frames that are whole, as long as there is room for answers; false when one is malformed. */
bool in_take(void);
/* A whole frame lies there and may be answered: do not sleep. */
bool in_waits(void);

/* ---- connection.c ---- */
void connection_init(const char *path);
int connection_poll(struct pollfd *fd);
void connection_polled(const struct pollfd *fd);
void connection_tick(int64_t now);
bool connection_up(void);
void connection_flush(void);
/* Streams and runs end with the connection. */
void connection_forget(void);

#endif
