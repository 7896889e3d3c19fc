/**
 * What happened, for the operator: one line an event, in words, in `<data>/logs/events.log`. Who got a sandbox and how, why it went, who was
 * turned away, when the engine was away. The server's own log has the details; this is what one reads after a class.
 */
import { join } from 'node:path';
import { type ErrorCode, errorText } from '../../src/shared/errors.ts';
import { Sparing } from '../http/sparing.ts';
import { LogFile } from '../log-file.ts';
import type { EndCause, SandboxEvents } from '../sandboxes/deps.ts';

/** Bytes; then the file starts anew, and the one before is kept beside it: some 20,000 lines each. */
const limit = 2 * 2 ** 20;

/** Refusals that say something of the room and its people; the others are the programs'. */
const telling: readonly string[] = ['queue-full', 'too-many', 'wrong-code', 'internal'] satisfies ErrorCode[];
/** Notices that an operator may do something about. */
const worrying: readonly ErrorCode[] = [
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

	/** For `subscribe` of the manager. */
	get listener(): Pick<SandboxEvents, 'given' | 'calledOff' | 'failed' | 'ended' | 'notice' | 'engine'> {
		return {
			given: ({ name }, course, { pool, ms }) =>
				this.say(`${name}  ${course}  has a sandbox: ${pool ? 'ready ahead' : 'new'}, after ${(ms / 1000).toFixed(1)} s`),
			calledOff: ({ name }, course) => this.say(`${name}  ${course}  does not wait any more`),
			failed: ({ name }, course, code) => this.say(`${name}  ${course}  got no sandbox: ${errorText(code, 'en')}`),
			ended: ({ name }, course, cause) => this.say(`${name}  ${course}  sandbox ${causes[cause]}`),
			notice: ({ name }, course, code, values) => {
				if (worrying.includes(code)) this.#spare(code, `${name}  ${course}  was told: ${errorText(code, 'en', values)}`);
			},
			engine: (answers) => this.say(answers ? 'the container engine answers again' : 'the container engine does not answer'),
		};
	}

	/** Somebody was turned away. */
	refused(code: string): void {
		if (telling.includes(code)) this.#spare(code, `refused: ${errorText(code as ErrorCode, 'en')} (${code})`);
	}

	#spare(kind: string, text: string): void {
		this.#sparing.line(kind, (leftOut) => this.say(leftOut === undefined ? text : `${text} [and ${leftOut} more such lines left out]`));
	}

	say(text: string): void {
		const time = new Date(this.#now()).toISOString().slice(0, 19).replace('T', ' ');
		// Names of files come from learners.
		this.#file.write(`${time} UTC  ${text.replace(/\p{Cc}/gu, '\ufffd')}\n`);
	}

	close(): void {
		this.#file.close();
	}
}
