/* The ring of a terminal: its last 4 MiB of output and its resizes, by absolute offset. */
#include "agent.h"

#include <errno.h>
#include <sys/mman.h>

/* Room beyond the ring for what is being read: it is taken in first, and what falls out of the ring is looked at after. */
enum { SIZE = RING_BYTES + READ_BYTES };

int ring_open(struct ring *r, uint16_t cols, uint16_t rows)
{
	size_t events = RING_EVENTS * sizeof(struct resize_event);
	uint8_t *memory = mmap(NULL, SIZE + events, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return errno;
	madvise(memory, SIZE + events, MADV_DONTFORK); /* no child needs it, and what is written then is not copied for it */
	*r = (struct ring){.bytes = memory, .events = (struct resize_event *)(void *)(memory + SIZE), .cols = cols, .rows = rows};
	modes_reset(&r->modes, rows);
	return 0;
}

void ring_close(struct ring *r)
{
	if (r->bytes)
		munmap(r->bytes, SIZE + RING_EVENTS * sizeof(struct resize_event));
	*r = (struct ring){0};
}

const struct resize_event *ring_event(const struct ring *r, uint64_t number)
{
	return number < r->events_end && number >= r->events_start ? &r->events[number % RING_EVENTS] : NULL;
}

const uint8_t *ring_at(const struct ring *r, uint64_t offset, size_t *length)
{
	size_t at = (size_t)(offset % SIZE);
	if (*length > r->end - offset)
		*length = (size_t)(r->end - offset);
	if (*length > SIZE - at)
		*length = SIZE - at;
	return r->bytes + at;
}

/* The bytes before `to` leave the ring; the modes take them in. */
static void pass(struct ring *r, uint64_t to)
{
	while (r->start < to) {
		size_t length = (size_t)(to - r->start);
		const uint8_t *bytes = ring_at(r, r->start, &length);
		modes_feed(&r->modes, bytes, length);
		r->start += length;
		r->evicted = true;
	}
}

static void evict(struct ring *r, uint64_t to)
{
	const struct resize_event *event;
	while ((event = ring_event(r, r->events_start)) && event->offset <= to) {
		pass(r, event->offset);
		r->cols = event->cols;
		r->rows = event->rows;
		modes_resize(&r->modes, event->rows);
		r->events_start++;
	}
	pass(r, to);
}

uint8_t *ring_space(struct ring *r, size_t *room)
{
	size_t at = (size_t)(r->end % SIZE);
	*room = SIZE - at < READ_BYTES ? SIZE - at : READ_BYTES;
	return r->bytes + at;
}

void ring_wrote(struct ring *r, size_t length)
{
	r->end += length;
	if (r->end - r->start <= RING_BYTES)
		return;
	evict(r, r->end - RING_BYTES);
	uint64_t limit = r->start + BOUNDARY_SEARCH;
	while (!modes_at_boundary(&r->modes) && r->start < limit && r->start < r->end)
		evict(r, r->start + 1);
}

void ring_begin(struct ring *r, uint16_t cols, uint16_t rows)
{
	r->cols = cols;
	r->rows = rows;
	r->events_start = r->events_end;
	modes_reset(&r->modes, rows);
}

void ring_resize(struct ring *r, uint16_t cols, uint16_t rows)
{
	if (r->events_end - r->events_start == RING_EVENTS) {
		/* Full: of several at one place only the last matters much; else the oldest goes, and the output before it. */
		struct resize_event *last = &r->events[(r->events_end - 1) % RING_EVENTS];
		if (last->offset == r->end) {
			last->cols = cols;
			last->rows = rows;
			return;
		}
		evict(r, ring_event(r, r->events_start)->offset);
	}
	r->events[r->events_end++ % RING_EVENTS] = (struct resize_event){r->end, cols, rows};
}
