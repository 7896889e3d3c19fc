/* What the server asks for: one frame, taken apart and handed on. */
#include "agent.h"

uint64_t boot;
bool shutting_down;

void send_hello(void)
{
	out_begin(HELLO);
	out_u16(PROTOCOL_VERSION);
	out_u64(boot);
	terminal_hello();
	out_end();
}

void connection_forget(void)
{
	stream_drop_all();
	run_drop_all();
	vitals_every(0);
}

static size_t rest(struct reader *r)
{
	size_t length = r->bad ? 0 : (size_t)(r->end - r->at);
	r->at = r->end;
	return length;
}

bool request(uint8_t type, struct reader *r)
{
	/* Each reads its whole body before it acts; those that parse themselves leave r->at short of r->end, or bad, when it is malformed. */
	if (type == OPEN || type == OPEN_AHEAD)
		terminal_open(r, type == OPEN_AHEAD);
	else if (type == GIVE)
		terminal_give(r);
	else if (type == ATTACH)
		stream_attach(r);
	else if (type == RUN)
		run_new(r);
	else if (type == INPUT || type == RUN_STDIN) {
		uint32_t id = read_u32(r);
		const uint8_t *bytes = r->at;
		size_t length = rest(r);
		if (!r->bad)
			(type == INPUT ? terminal_input : run_stdin)(id, bytes, length);
	} else if (type == SHUTDOWN) {
		shutting_down = r->at == r->end;
	} else {
		uint32_t id = read_u32(r), number = 0;
		uint16_t rows = 0;
		if (type == CREDIT)
			number = read_u32(r);
		else if (type == PACE)
			number = read_u8(r);
		else if (type == RESIZE) {
			number = read_u16(r);
			rows = read_u16(r);
		}
		if (r->bad || r->at != r->end || (type == PACE && number > 1))
			return false;
		switch (type) {
		case DETACH: stream_detach(id); break;
		case CREDIT: stream_credit(id, number); break;
		case PACE: stream_pace(id, number); break;
		case RESIZE: terminal_resize(id, (uint16_t)number, rows); break;
		case CLOSE: terminal_close(id); break;
		case RUN_GO: run_go(id); break;
		case CANCEL: run_cancel(id); break;
		case VITALS_EVERY: vitals_every(id); break;
		default: return false;
		}
	}
	return !r->bad && r->at == r->end;
}
