/**
 * What happened, for the operator: one line an event, in words, in `<data>/logs/events.log`. Who got a sandbox and how, why it went, who was
 * turned away, when the engine was away. The server's own log has the details; this is what one reads after a class.
 */
import { join } from 'node:path';
import { type NoticeCode, noticeText } from '../../../src/shared/protocol/notices.ts';
import { type RefusalCode, refusalText } from '../../../src/shared/protocol/refusals.ts';
import { visibleLine } from '../../../src/shared/visible.ts';
import type { EndCause, LabEvents } from '../../labs/events.ts';
import type { Lab } from '../../labs/lab.ts';
import { LogFile } from '../log/log-file.ts';
import { Sparing } from '../log/sparing.ts';

/** Bytes; then the file starts anew, and the one before is kept beside it: some 20,000 lines each. */
const limit = 2 * 2 ** 20;

/** Refusals that say something of the room and its people; the others are the programs'. */
const telling: readonly string[] = [
	'queue-full',
	'too-many',
	'wrong-code',
	'wrong-room-code',
	'wrong-word',
	'bad-link',
	'internal',
] satisfies RefusalCode[];
/** Notices that an operator may do something about. */
const worrying: readonly NoticeCode[] = [
	'setup-failed',
	'home-too-large',
	'home-not-kept',
	'home-not-restored',
	'memory-full',
	'disk-full',
	'server-full',
	'processes-full',
];

const causes: Record<EndCause, string> = {
	asked: 'put away by its learner',
	afresh: 'thrown away for a fresh one by its learner',
	idle: 'put away: nobody looked at it',
	lifetime: 'put away: its time was over',
	lost: 'ended by itself, or from outside',
};

const named = ({ owner, course }: Lab): string => `${owner.name}  ${course.slug}`;

/** @param data path of the data folder */
export function eventsPath(data: string): string {
	return join(data, 'logs', 'events.log');
}

export class EventLog {
	readonly #file: LogFile;
	readonly #now: () => number;
	readonly #sparing: Sparing;

	constructor(path: string, now: () => number) {
		this.#file = new LogFile(path, limit);
		this.#now = now;
		this.#sparing = new Sparing(now);
	}

	/** For `subscribe` of the labs. */
	get listener(): Pick<LabEvents, 'given' | 'calledOff' | 'failed' | 'ended' | 'notice' | 'engine' | 'stuck'> {
		return {
			given: (lab, { pool, ms }) =>
				this.say(`${named(lab)}  has a sandbox: ${pool ? 'ready ahead' : 'new'}, after ${(ms / 1000).toFixed(1)} s`),
			calledOff: (lab) => this.say(`${named(lab)}  does not wait any more`),
			failed: (lab, code) => this.say(`${named(lab)}  got no sandbox: ${refusalText(code, 'en')}`),
			ended: (lab, cause) => this.say(`${named(lab)}  sandbox ${causes[cause]}`),
			notice: (lab, code, values) => {
				if (worrying.includes(code)) this.#spare(code, `${named(lab)}  was told: ${noticeText(code, 'en', values)}`);
			},
			stuck: ({ name, learner = 'of the pool', course }, gone) =>
				this.say(
					gone
						? `${learner}  ${course}  sandbox ${name} that could not be ended is gone`
						: `${learner}  ${course}  sandbox ${name} cannot be ended: it is tried again, and keeps its place until then`,
				),
			engine: (answers) => this.say(answers ? 'the container engine answers again' : 'the container engine does not answer'),
		};
	}

	/** Somebody was turned away. */
	refused(code: string): void {
		if (telling.includes(code)) this.#spare(code, `refused: ${refusalText(code as RefusalCode, 'en')} (${code})`);
	}

	#spare(kind: string, text: string): void {
		this.#sparing.line(kind, (leftOut) => this.say(leftOut === undefined ? text : `${text} [and ${leftOut} more such lines left out]`));
	}

	say(text: string): void {
		const time = new Date(this.#now()).toISOString().slice(0, 19).replace('T', ' ');
		// Names of files come from learners.
		this.#file.write(`${time} UTC  ${visibleLine(text)}\n`);
	}

	close(): void {
		this.#file.close();
	}
}
