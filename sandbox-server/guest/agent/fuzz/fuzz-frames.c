/*
 * libFuzzer: everything that the server may send, in any order, mixed with output, ends of processes and time.
 * Must hold: no byte out of place, nothing leaked, nothing grown beyond its bound, and what goes out is well-formed.
 */
#include "fake-spawn.h"

#include <assert.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int64_t now;
static const uint8_t *data;
static size_t left;

int64_t now_ms(void)
{
	return now;
}

void wake_at(int64_t at)
{
	(void)at;
}

bool connection_up(void)
{
	return true;
}

static uint8_t next(void)
{
	if (!left)
		return 0;
	left--;
	return *data++;
}

static size_t some(size_t wanted)
{
	return wanted < left ? wanted : left;
}

static void lost(void)
{
	in_reset();
	out_reset();
	connection_forget();
	send_hello();
}

static void check_output(void)
{
	size_t length, at = 0;
	assert(!out_broken());
	const uint8_t *bytes = out_pending(&length);
	assert(length < OUT_BYTES - MAX_FRAME);
	while (at < length) {
		assert(length - at >= 5);
		uint32_t frame = (uint32_t)bytes[at] | (uint32_t)bytes[at + 1] << 8 | (uint32_t)bytes[at + 2] << 16 | (uint32_t)bytes[at + 3] << 24;
		assert(frame >= 1 && frame <= MAX_FRAME && frame <= length - at - 4);
		assert((bytes[at + 4] >= HELLO && bytes[at + 4] <= PREAMBLE) || bytes[at + 4] == ERROR);
		at += 4 + frame;
	}
	out_took(length);
}

static void arrive(const uint8_t *bytes, size_t length)
{
	size_t room;
	uint8_t *space = in_space(&room);
	assert(room >= length);
	memcpy(space, bytes, length);
	in_got(length);
	if (!in_take())
		lost();
}

static void frame(void)
{
	uint8_t type = (uint8_t)(0x81 + next() % 17);
	size_t length = next();
	length = some(length | (size_t)(next() & 3) << 8);
	uint32_t whole = (uint32_t)length + 1;
	arrive((uint8_t[]){(uint8_t)whole, (uint8_t)(whole >> 8), 0, 0, type}, 5);
	arrive(data, length);
	data += length;
	left -= length;
}

/* A process says something, again and again. */
static void speak(void)
{
	const struct fake *f = &fakes[next() % FAKES];
	int end = f->ends[next() % 2], times = next() % 32;
	size_t length = some(next());
	while (f->pid && end >= 0 && times--)
		if (write(end, data, length) < 0)
			break;
	data += length;
	left -= length;
}

static void look_around(void)
{
	static struct pollfd fds[2 * MAX_TERMINALS + 2 * MAX_RUNS];
	int terminals_used = terminal_poll(fds);
	int used = terminals_used + run_poll(fds + terminals_used);
	poll(fds, (nfds_t)used, 0);
	terminal_polled(fds);
	run_polled(fds + terminals_used);
	terminal_tick(now);
	run_tick(now);
	vitals_tick(now);
	stream_pump();
}

static void end_process(struct fake *f, int status)
{
	pid_t pid = f->pid;
	if (!pid)
		return;
	fake_end(f);
	run_ended(pid);
	if (!run_reaped(pid, status))
		terminal_reaped(pid, status);
}

static void clean_up(void)
{
	in_reset();
	connection_forget();
	for (int i = 0; i < FAKES; i++)
		end_process(&fakes[i], 0);
	for (int round = 0; round < 3; round++) {
		now += 5000;
		look_around();
		check_output();
	}
	for (int i = 0; i < MAX_TERMINALS; i++) {
		if (terminals[i].used)
			terminal_close(terminals[i].id);
		assert(!terminals[i].used);
	}
	check_output();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	signal(SIGPIPE, SIG_IGN); /* the agent blocks it */
	data = bytes;
	left = size;
	mounts[0] = "/";
	mounts_used = 1;
	out_reset();
	send_hello();
	while (left) {
		uint8_t what = next();
		fake_mood = what >> 4;
		switch (what % 8) {
		case 0: {
			size_t length = some(next());
			arrive(data, length);
			data += length;
			left -= length;
			break;
		}
		case 4: now += next() * 10; break;
		case 5: end_process(&fakes[next() % FAKES], next() << (what & 8)); break;
		case 6: speak(); break;
		case 7: check_output(); break;
		default: frame();
		}
		look_around();
	}
	check_output();
	clean_up();
	return 0;
}
