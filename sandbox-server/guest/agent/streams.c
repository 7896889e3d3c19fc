/* Streams: each is one reader of one terminal's ring, with a cursor and a credit. */
#include "agent.h"

#include <errno.h>
#include <string.h>

/* Largest OUTPUT: big enough to be cheap, small enough that streams take turns. */
enum { OUTPUT_MAX = 64 << 10 };

struct stream {
	bool used, pacing, live;
	bool begun;                    /* the size at the cursor has been sent */
	bool preamble;                 /* the reader starts with a fresh terminal: it needs the modes of the ring's start */
	uint32_t id;
	struct terminal *terminal;
	uint64_t at, event;            /* next byte and next resize to send */
	uint64_t target, target_event; /* live from here on */
	uint64_t credit;
};
static struct stream streams[MAX_STREAMS];

static struct stream *find(uint32_t id)
{
	for (int i = 0; i < MAX_STREAMS; i++)
		if (streams[i].used && streams[i].id == id)
			return &streams[i];
	return NULL;
}

static uint32_t capped(uint64_t credit)
{
	return credit > MAX_CREDIT ? MAX_CREDIT : (uint32_t)credit;
}

void stream_attach(struct reader *r)
{
	uint32_t id = read_u32(r), term = read_u32(r);
	uint64_t from = read_u64(r);
	uint32_t credit = read_u32(r);
	uint8_t pacing = read_u8(r);
	if (pacing > 1)
		r->bad = true;
	if (r->bad || r->at != r->end)
		return;
	struct terminal *t = terminal_find(term);
	struct stream *s = NULL;
	for (int i = 0; i < MAX_STREAMS && !s; i++)
		if (!streams[i].used)
			s = &streams[i];
	int error = !t || t->closing ? ENOENT : find(id) ? EEXIST : !s ? EMFILE : 0;
	if (error) {
		out_error(id, ATTACH, error, strerror(error));
		return;
	}
	const struct ring *ring = &t->ring;
	*s = (struct stream){.used = true, .pacing = pacing, .id = id, .terminal = t, .credit = capped(credit), .event = ring->events_start};
	s->target = ring->end;
	s->target_event = ring->events_end;
	s->preamble = from == 0;
	s->at = from == 0 ? ring->start : from > ring->end ? ring->end : from;
	/* Who goes on from a place of its own has that place's size at once, whatever came before it. */
	const struct resize_event *event;
	while (from && (event = ring_event(ring, s->event)) && event->offset <= s->at)
		s->event++;
}

void stream_detach(uint32_t id)
{
	struct stream *s = find(id);
	if (s)
		s->used = false; /* unknown: it ended by itself on the way, with its terminal */
}

void stream_credit(uint32_t id, uint32_t bytes)
{
	struct stream *s = find(id);
	if (s)
		s->credit = capped(s->credit + bytes);
}

void stream_pace(uint32_t id, bool pacing)
{
	struct stream *s = find(id);
	if (s)
		s->pacing = pacing;
}

void stream_drop_all(void)
{
	memset(streams, 0, sizeof streams);
}

void stream_drop_terminal(const struct terminal *t)
{
	for (int i = 0; i < MAX_STREAMS; i++)
		if (streams[i].used && streams[i].terminal == t)
			streams[i].used = false;
}

bool stream_paused(const struct terminal *t)
{
	for (int i = 0; i < MAX_STREAMS; i++) {
		const struct stream *s = &streams[i];
		if (s->used && s->terminal == t && s->pacing && t->ring.end > s->at && t->ring.end - s->at > PACE_BYTES)
			return true;
	}
	return false;
}

static void head(uint8_t type, const struct stream *s, uint64_t offset)
{
	out_begin(type);
	out_u32(s->id);
	out_u64(offset);
}

static void send_size(const struct stream *s, uint16_t cols, uint16_t rows)
{
	head(RESIZED, s, s->at);
	out_u16(cols);
	out_u16(rows);
	out_end();
}

/* The ring has moved on past the cursor. */
static void skip(struct stream *s, const struct ring *ring)
{
	head(GAP, s, s->at);
	out_u64(ring->start);
	out_end();
	s->at = ring->start;
	s->event = ring->events_start;
	s->target = ring->end;
	s->target_event = ring->events_end;
	s->live = s->begun = false;
	s->preamble = true;
}

static void begin(struct stream *s, const struct ring *ring)
{
	const struct resize_event *before = s->event > ring->events_start ? ring_event(ring, s->event - 1) : NULL;
	send_size(s, before ? before->cols : ring->cols, before ? before->rows : ring->rows);
	s->begun = true;
	if (s->preamble && ring->evicted) {
		uint8_t bytes[PREAMBLE_MAX];
		size_t length = modes_preamble(&ring->modes, bytes);
		out_begin(PREAMBLE);
		out_u32(s->id);
		out_bytes(bytes, length);
		out_end();
	}
	s->preamble = false;
}

/* Sends the next thing of one stream; false when there is none, or no credit for it. */
static bool step(struct stream *s)
{
	const struct ring *ring = &s->terminal->ring;
	if (s->at < ring->start) {
		/* Who could not be sent anything after it is not told each time that the ring moves on. */
		if (!s->credit)
			return false;
		skip(s, ring);
		return true;
	}
	if (s->event < ring->events_start) {
		/* The resize has left the ring, and the cursor stands at the ring's start: the size there is what it was. */
		s->event = ring->events_start;
		s->begun = false;
	}
	if (!s->begun) {
		begin(s, ring);
		return true;
	}
	const struct resize_event *event = ring_event(ring, s->event);
	if (event && event->offset <= s->at) {
		send_size(s, event->cols, event->rows);
		s->event++;
		return true;
	}
	if (!s->live && s->at >= s->target && s->event >= s->target_event) {
		head(LIVE, s, s->at);
		out_end();
		s->live = true;
		return true;
	}
	uint64_t until = event ? event->offset : ring->end;
	if (!s->live && s->target > s->at && s->target < until)
		until = s->target;
	size_t length = (size_t)(until - s->at);
	if (length > OUTPUT_MAX)
		length = OUTPUT_MAX;
	if (length > s->credit)
		length = (size_t)s->credit;
	if (!length)
		return false;
	const uint8_t *bytes = ring_at(ring, s->at, &length);
	head(OUTPUT, s, s->at);
	out_bytes(bytes, length);
	out_end();
	s->at += length;
	s->credit -= length;
	return true;
}

bool stream_pump(void)
{
	static int first;
	bool more = true;
	while (more && out_used() < OUT_HIGH) {
		more = false;
		/* In turns, and not always the same one first: nobody starves. */
		for (int i = 0; i < MAX_STREAMS && out_used() < OUT_HIGH; i++) {
			struct stream *s = &streams[(first + i) % MAX_STREAMS];
			if (s->used && step(s))
				more = true;
		}
		first = (first + 1) % MAX_STREAMS;
	}
	return more;
}
