/** The workbenches of a whole room: made to last longer, or made ready, all at once. */
import type { z } from 'zod';
import type { Course } from '../../src/shared/course/course.ts';
import type { SandboxReport } from '../../src/shared/protocol/api.ts';
import { Refusal, type RefusalCode } from '../../src/shared/protocol/refusals.ts';
import type { extendedSchema, preparedSchema } from '../../src/shared/protocol/room-pace.ts';
import { bareLab, type Lab } from '../labs/lab.ts';
import type { Labs } from '../labs/ports.ts';
import type { People } from '../store/people.ts';
import type { RoomRow, Rooms } from '../store/rooms.ts';

interface BenchDeps {
	store: { rooms: Rooms; people: People };
	courses: readonly Course[];
	labs: Pick<Labs, 'report' | 'start' | 'extend'>;
}

/** As `work` goes, or the code of the refusal. */
function attempt(work: () => void): 'done' | RefusalCode {
	try {
		work();
		return 'done';
	} catch (error) {
		if (error instanceof Refusal) return error.code;
		throw error;
	}
}

/** Labs of everybody who learns in the room, and how they stand. @throws Refusal room-closed; not-found: its course is no more */
function labsOf(room: RoomRow, { store, courses, labs }: BenchDeps): { lab: Lab; state: SandboxReport['state'] }[] {
	if (room.state !== 'open') throw new Refusal('room-closed', room.id);
	const course = courses.find(({ slug }) => slug === room.course);
	if (!course) throw new Refusal('not-found', room.course);
	return store.rooms
		.people(room.id)
		.filter(({ role }) => role === 'learner')
		.flatMap(({ learner }) => store.people.learner(learner) ?? [])
		.map((owner) => bareLab({ owner, course }))
		.map((lab) => ({ lab, state: labs.report(lab, 'en').state }));
}

/** Of the labs, those that stand so. */
const those = (all: ReturnType<typeof labsOf>, ...states: SandboxReport['state'][]) => all.filter(({ state }) => states.includes(state));

/** Each by as much and as often as its course allows. @throws Refusal room-closed, not-found */
export function extendAll(room: RoomRow, deps: BenchDeps): z.infer<typeof extendedSchema> {
	const all = labsOf(room, deps);
	const said = those(all, 'ready').map(({ lab }) => attempt(() => deps.labs.extend(lab)));
	const extended = said.filter((one) => one === 'done').length;
	const spent = said.filter((one) => one === 'no-extension').length;
	const coming = those(all, 'starting', 'queued').length;
	return { extended, spent, coming, without: all.length - extended - spent - coming };
}

/** For whoever has none: it starts, or waits for its turn. @throws Refusal room-closed, not-found, engine-away */
export function prepareAll(room: RoomRow, deps: BenchDeps): z.infer<typeof preparedSchema> {
	const all = labsOf(room, deps);
	if (those(all, 'unavailable').length > 0) throw new Refusal('engine-away', `workbenches of room ${room.id}`);
	const missing = those(all, 'none', 'lost');
	// Where people come from is not known: under one address, the whole class would wait behind everybody else.
	const asked = missing.filter(({ lab }) => attempt(() => deps.labs.start(lab, lab.id)) === 'done').length;
	return {
		asked,
		had: those(all, 'ready', 'starting', 'queued').length,
		stopping: those(all, 'stopping').length,
		refused: missing.length - asked,
	};
}
