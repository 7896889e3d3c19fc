/** Notes the verdicts of a room's people while it is held: the grid shows them, also after a restart, and the results are made of them. */
import type { Course } from '../../src/shared/course/course.ts';
import type { Language } from '../../src/shared/language.ts';
import type { StepReport } from '../../src/shared/protocol/api.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import type { OpenedRequest } from '../../src/shared/protocol/rooms.ts';
import type { Lab } from '../labs/lab.ts';
import type { Log } from '../platform/log.ts';
import type { RoomWork } from '../store/room-work.ts';
import type { RoomRow, Rooms } from '../store/rooms.ts';

interface RecorderDeps {
	store: { rooms: Rooms; roomWork: RoomWork };
	/** ms since 1970 */
	now: () => number;
	log: Log;
	/** There has been a verdict; the learner's id. */
	onChange: (learner: string, step: { lesson: string; step: string }) => void;
}

/** An open room is over so long after its planned end: classes run late, and trainers forget to close. */
const lateMs = 12 * 3600_000;

/** Work counts for a room while it is open and not long over, and after it was closed until its planned end: people go on working there. */
export function isHeld({ state, ends }: RoomRow, now: number): boolean {
	return (state === 'open' && now <= ends + lateMs) || (state === 'closed' && now <= ends);
}

/** @returns what is told of every verdict. It never throws: a full disk is the grader's to tell of, not the room's. */
export function verdictRecorder({
	store,
	now,
	log,
	onChange,
}: RecorderDeps): (lab: Lab, report: (language: Language) => StepReport) => void {
	return (lab, report) => {
		const [fr, en] = [report('fr'), report('en')];
		const { lesson, step, state } = fr;
		if (state === 'checking') return;
		const at = now();
		try {
			for (const room of store.rooms.rooms(lab.owner.id)) {
				if (room.course !== lab.course.slug || !isHeld(room, at)) continue;
				if (room.lessons.length > 0 && !room.lessons.includes(lesson)) continue;
				const said = fr.message ?? en.message;
				const sentence = state === 'failed' && said !== undefined ? { fr: fr.message ?? said, en: en.message ?? said } : undefined;
				store.roomWork.noteVerdict({ room: room.id, learner: lab.owner.id, lesson, step, state, at, ...(sentence && { sentence }) });
			}
			onChange(lab.owner.id, { lesson, step });
		} catch (error) {
			log.warn({ err: error, learner: lab.owner.name, lesson, step }, 'a verdict could not be noted for the room');
		}
	};
}

interface OpenedDeps {
	store: { roomWork: RoomWork };
	courses: readonly Course[];
	/** ms since 1970 */
	now: () => number;
}

/** Somebody has opened a hint or a solution: it is noted as verdicts are, while the room is held. @throws Refusal not-found: no such step in the room */
export function noteOpened(
	room: RoomRow,
	learner: string,
	{ lesson, step, what }: OpenedRequest,
	{ store, courses, now }: OpenedDeps,
): void {
	const inRoom = room.lessons.length === 0 || room.lessons.includes(lesson);
	const known = courses.find(({ slug }) => slug === room.course)?.lessons.find(({ slug }) => slug === lesson);
	if (!inRoom || !known?.steps.some(({ id }) => id === step)) throw new Refusal('not-found', `${lesson}/${step} in room ${room.id}`);
	const at = now();
	if (!isHeld(room, at)) return;
	store.roomWork.noteOpened(room.id, { learner, lesson, step, what: what === 'solution' ? what : `hint ${what.hint}`, at });
}
